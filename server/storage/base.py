"""The interface of a storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from core.errors import StorageError
from core.packs import SHA256_PATTERN


class MissingFile(StorageError):
    """There is no file with this digest."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"no file with SHA-256 {sha256} is stored")
        self.sha256 = sha256


class Storage(Protocol):
    """Files named by the SHA-256 of their bytes, as 64 lower-case hexadecimal digits.

    Unless stated otherwise, methods that take a digest raise ValueError for an invalid digest, and MissingFile for a
    digest that is not stored.
    """

    def put_file(self, path: Path, *, sha256: str | None = None, move: bool = False) -> str:
        """Store a file and return its digest; storing the same bytes twice keeps one copy.

        Args:
            path: the file; nobody may write to it any more.
            sha256: expected digest; if the file has another, raises DamagedFile and stores nothing.
            move: whether the file may disappear from `path`.
        """
        ...

    def put_bytes(self, data: bytes) -> str:
        """Store bytes as a file and return its digest; storing the same bytes twice keeps one copy."""
        ...

    def put_written(self, write: Callable[[BinaryIO], None]) -> str:
        """Store the file that `write` writes (it may seek) and return its digest; store nothing if `write` raises."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open a file for reading, without checking its digest."""
        ...

    def path(self, sha256: str) -> Path:
        """Return a path on this machine to read the bytes from; never write to it."""
        ...

    def size(self, sha256: str) -> int:
        """Return the number of bytes."""
        ...

    def exists(self, sha256: str) -> bool:
        """Return whether the file is stored."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove a file; does nothing if it is not stored."""
        ...

    def copy_to(self, sha256: str, target: Path) -> None:
        """Copy a file to `target`, replacing any file there, and check the bytes while copying; raises DamagedFile."""
        ...


def check_digest(sha256: str) -> str:
    """Return a valid digest unchanged; raises ValueError for anything else, because it becomes part of a path."""
    if not SHA256_PATTERN.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no SHA-256, expected 64 lower-case hexadecimal digits")
    return sha256
