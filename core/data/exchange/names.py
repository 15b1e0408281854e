"""Names of files for ids of images: the id's own base name where that is safe and unique, and back (SEC-3).

Free of torch.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from core.data.file_names import composed

ALL = "all"
"""Folder of images of no city and no group."""
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?")
_MARKED = re.compile(r".*(?:-[0-9a-f]{16}|\.v[0-9]+)")
"""Endings that are given here; an id that has one by itself is named by its digest too, so that none is taken twice."""
_CITY = re.compile(r"([A-Za-z][A-Za-z-]{0,63})_.+")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""No file may be called so on Windows, whatever its suffix."""


def safe_names(images: Iterable[str]) -> dict[str, str]:
    """Return image id -> name of a file without its suffix; the same ids give the same names.

    A name is the last part of the id. Where that holds anything but ASCII letters, digits, `.`, `_` and `-`, or another
    id has the same one but for upper and lower case, the first 16 digits of the id's SHA-256 follow.
    """
    bases = {image: image.rsplit("/", 1)[-1] for image in images}
    shared = Counter(base.casefold() for base in bases.values())
    return {
        image: base if shared[base.casefold()] == 1 and _is_safe(base) else _named_by_digest(image, base)
        for image, base in bases.items()
    }


def versioned(name: str, version: int) -> str:
    """Return the name of one version among several of the same image."""
    return f"{name}.v{version}"


def city_of(name: str, group: str) -> str:
    """Return the folder of an image in a tree by cities: what stands before the first `_`, else its group, or `all`."""
    match = _CITY.fullmatch(name)
    if match is not None:
        return match[1]
    return (group if _is_safe(group) else _named_by_digest(group, group)) if group else ALL


class ImageNames:
    """Finds the image that a file of an archive belongs to."""

    def __init__(self, images: Iterable[str], stored: Mapping[str, str] | None = None) -> None:
        """Take the ids of the images there are, and what a manifest says: name -> id."""
        names = safe_names(images)
        # In one form, for the letters of a name may be composed in an archive and taken apart in an id, or the reverse.
        self._ids = {composed(image): image for image in names}
        self._named = {name: image for image, name in names.items()}
        self._stored = {composed(name): image for name, image in (stored or {}).items() if image in names}

    def image_of(self, path: str) -> str | None:
        """Return the id for a path without suffix, by the manifest, by id, or by name; None where there is none.

        Ids may name folders, and archives have folders of their own: the longest end of the path that is an id wins.
        """
        parts = composed(path).split("/")
        for first in range(len(parts)):
            end = "/".join(parts[first:])
            if end in self._stored:
                return self._stored[end]
            if end in self._ids:
                return self._ids[end]
        return self._named.get(parts[-1])


def _is_safe(name: str) -> bool:
    is_plain = _PLAIN.fullmatch(name) is not None and _MARKED.fullmatch(name) is None
    return is_plain and name.split(".", 1)[0].casefold() not in _DEVICES


def _named_by_digest(image: str, base: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", base)[:60].strip("_-") or "image"
    digest = hashlib.sha256(image.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain}-{digest[:16]}"
