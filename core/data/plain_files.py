"""Opening a dataset's files only if they are plain files inside its root: no pipe, no device, no link that leads out.

Free of torch.
"""

from __future__ import annotations

import itertools
import os
import stat
from io import BufferedReader
from pathlib import Path

from core.data.faults import DataFaultError, FaultKind

MAX_PICTURE_BYTES = 2**30
MAX_LIST_BYTES = 64 * 2**20
MAX_TABLE_BYTES = 2**20
MAX_LISTED = 100_000
"""Folders with more entries are not listed, because a split may name only a few of them."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def opened_plainly(path: Path, most_bytes: int) -> BufferedReader:
    """Open a file for reading; the caller closes it.

    A named pipe would wait for a writer. A device may never end, or may act when it is opened. So the file is checked
    before it is opened, opened without waiting, and checked again: somebody may have replaced it in between.

    Args:
        path: path of the file.
        most_bytes: maximum size of the file.

    Raises:
        DataFaultError: when there is no file, when it is no plain file, or when it is too large.
        OSError: when the file may not be read.
    """
    try:
        _require_plain(path, path.stat(), most_bytes)
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except (FileNotFoundError, NotADirectoryError):
        raise DataFaultError(FaultKind.MISSING_FILE, path, "does not exist") from None
    try:
        _require_plain(path, os.fstat(file.fileno()), most_bytes)
    except DataFaultError:
        file.close()
        raise
    return file


def read_plainly(path: Path, most_bytes: int) -> bytes:
    """Return the bytes of a file; raises as `opened_plainly` does."""
    with opened_plainly(path, most_bytes) as file:
        return file.read(most_bytes)


def not_plain(path: Path) -> DataFaultError:
    """Return the fault of a path that exists but is no plain file."""
    return _not_plain(path, path.stat().st_mode)


class Confines:
    """The root of a dataset, inside which every file must lie; resolves each folder once.

    A link inside the root may lead to another place inside it. The root itself may be a link.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._folders: dict[str, str] = {}
        self._held: dict[str, bool] = {}
        self._listed: dict[str, frozenset[str] | None] = {}

    def hold(self, path: Path) -> bool:
        """Return whether the path is a plain file, not a link, inside the root; False also if that is uncertain."""
        text = os.fspath(path)
        # Split by hand: a dataset has thousands of files, and `pathlib` would take most of the time.
        folder, separator, name = text.rpartition(os.sep)
        listed = self._listed_files(folder or separator or os.curdir)
        return (
            _is_plain(text) and self._holds_folder(folder or separator or os.curdir)
            if listed is None
            else name in listed
        )

    def _listed_files(self, folder: str) -> frozenset[str] | None:
        """Return the names of a folder's plain files, none if it lies outside the root; None if too many to list.

        Listing a folder takes a quarter of the time of checking each of its files.
        """
        if folder not in self._listed:
            self._listed[folder] = _plain_files(folder) if self._holds_folder(folder) else frozenset()
        return self._listed[folder]

    def fault_of(self, path: Path) -> DataFaultError | None:
        """Return the fault of a file's location; None if it lies inside the root or does not exist."""
        folder, name = os.path.split(path)
        place = os.path.realpath(path) if path.is_symlink() else f"{self._resolved(folder)}{os.sep}{name}"
        if self._is_inside(place):
            return None
        problem = (
            f"leads out of the dataset's root, to {place}; put the file itself there, or name its folder as the root"
        )
        return DataFaultError(FaultKind.LEADS_OUT, path, problem)

    def require(self, path: Path) -> None:
        """Refuse a file outside the root; raises DataFaultError."""
        fault = self.fault_of(path)
        if fault is not None:
            raise fault

    def _holds_folder(self, folder: str) -> bool:
        is_held = self._held.get(folder)
        if is_held is None:
            is_held = self._held[folder] = self._is_inside(self._resolved(folder))
        return is_held

    def _resolved(self, folder: str) -> str:
        resolved = self._folders.get(folder)
        if resolved is None:
            resolved = self._folders[folder] = os.path.realpath(folder)
        return resolved

    def _is_inside(self, place: str) -> bool:
        return place == self._root or place.startswith(self._root + os.sep)


def _is_plain(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def _plain_files(folder: str) -> frozenset[str] | None:
    try:
        with os.scandir(folder) as entries:
            listed = list(itertools.islice(entries, MAX_LISTED + 1))
            names = frozenset(entry.name for entry in listed if entry.is_file(follow_symlinks=False))
    except (OSError, ValueError):
        return frozenset()
    return None if len(listed) > MAX_LISTED else names


def _require_plain(path: Path, status: os.stat_result, most_bytes: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _not_plain(path, status.st_mode)
    if status.st_size > most_bytes:
        problem = f"has {status.st_size} bytes; at most {most_bytes} are read"
        raise DataFaultError(FaultKind.TOO_LARGE, path, problem)


def _not_plain(path: Path, mode: int) -> DataFaultError:
    found = next((name for test, name in _KINDS if test(mode)), "no plain file")
    return DataFaultError(FaultKind.NOT_A_FILE, path, f"is {found}; put a plain file there")
