"""File names for image ids, and back: the id's own base name if that is safe and unique (SEC-3).

Free of torch.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from core.data.file_names import composed

ALL = "all"
"""Folder of images without city and group."""
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?")
_MARKED = re.compile(r".*(?:-[0-9a-f]{16}|\.v[0-9]+)")
"""Endings added here. An id that already has such an ending gets a digest too, so that names stay unique."""
_CITY = re.compile(r"([A-Za-z][A-Za-z-]{0,63})_.+")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
"""Names that Windows forbids for files with any suffix."""


def safe_names(images: Iterable[str]) -> dict[str, str]:
    """Return image id -> name of a file without its suffix; the same ids give the same names.

    A name is the last part of the id. The first 16 digits of the id's SHA-256 are appended if that part has anything
    but ASCII letters, digits, `.`, `_` and `-`, or if another id's last part is the same but for case.
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
    """Return the folder of an image in a tree by cities: the name up to the first `_`, else its group, else `all`."""
    match = _CITY.fullmatch(name)
    if match is not None:
        return match[1]
    return (group if _is_safe(group) else _named_by_digest(group, group)) if group else ALL


class ImageNames:
    """Finds the image of a file of an archive."""

    def __init__(self, images: Iterable[str], stored: Mapping[str, str] | None = None) -> None:
        """Take the ids of all images, and the names of a manifest: name -> id."""
        names = safe_names(images)
        # Compared in composed form: an archive and an id may use different Unicode forms of a name.
        self._ids = {composed(image): image for image in names}
        self._named = {name: image for image, name in names.items()}
        self._stored = {composed(name): image for name, image in (stored or {}).items() if image in names}

    def image_of(self, path: str) -> str | None:
        """Return the id for a path without suffix, by the manifest, by id, or by name; None if there is none.

        Ids may have folders, and archives have folders of their own: the longest end of the path that is an id wins.
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
