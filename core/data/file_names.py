"""Matching names in lists to names on disk, which may differ in Unicode form. Free of torch.

"Zürich" has two forms in Unicode. macOS separates letters from their marks, other systems do not, and a list may come
from another system than the files. Ids are always in the composed form (NFC).
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from core.data.faults import DataFaultError, FaultKind


def composed(name: str) -> str:
    """Return a name in the composed form, as in ids."""
    return unicodedata.normalize("NFC", name)


def as_stored(path: Path, root: Path) -> Path:
    """Return a file's path below a root in the disk's Unicode form; the same path if no file has that name."""
    if str(path).isascii() or path.exists():
        return path
    found = root
    for part in path.relative_to(root).parts:
        found /= _stored_name(found, part)
    return found if found.exists() else path


class NamedFiles:
    """The files of a folder and its sub-folders by id: their path below it, composed and without suffix.

    Args:
        folder: folder of the files; it need not exist.
        suffixes: lower-case suffixes of the files to find, the most usual first.
    """

    def __init__(self, folder: Path, suffixes: Sequence[str]) -> None:
        self._folder, self._suffixes = folder, tuple(suffixes)
        self._files: dict[str, list[Path]] = {}
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in suffixes):
            self._files.setdefault(composed(path.relative_to(folder).with_suffix("").as_posix()), []).append(path)

    @property
    def ids(self) -> Sequence[str]:
        """All ids, in the order of the files' paths."""
        return list(self._files)

    def id_of(self, name: str) -> str:
        """Return the id of a line of a list.

        Some lists have suffixes, paths from the folder above, or backslashes. A line that is no id is tried in these
        forms.
        """
        name = composed(name)
        return next((form for form in self._forms(name) if form in self._files), name)

    def path(self, item: str, absent: Path) -> Path:
        """Return the file of an id, or `absent` if there is none.

        Raises:
            DataFaultError: naming both files if two have the id.
        """
        found = self._files.get(item, [])
        if len(found) > 1:
            problem = f"and {found[1].name} beside it have one id, {item!r}; rename or remove one of them"
            raise DataFaultError(FaultKind.SAME_ID, found[0], problem)
        return found[0] if found else absent

    def _forms(self, name: str) -> Iterable[str]:
        yield name
        plain = name.replace("\\", "/").removeprefix("./").lstrip("/").removeprefix(f"{self._folder.name}/")
        yield plain
        stem, suffix = os.path.splitext(plain)  # noqa: PTH122 - a name of a list is no path yet
        if suffix.lower() in self._suffixes:
            yield stem


def _stored_name(folder: Path, part: str) -> str:
    try:
        names = _names(folder, folder.stat().st_mtime_ns)
    except OSError:
        return part
    return names.get(composed(part), part)


@lru_cache(maxsize=64)
def _names(folder: Path, _changed: int) -> dict[str, str]:
    """Return composed name -> name on disk; cached until the folder changes."""
    return {composed(name): name for name in sorted(os.listdir(folder), reverse=True)}  # noqa: PTH208
