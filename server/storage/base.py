"""What a storage can do, whatever keeps the bytes."""

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

    All methods that take a digest raise ValueError for anything else, and MissingFile for one that is not stored, where
    nothing else is said.
    """

    def put_file(self, path: Path, *, sha256: str | None = None, move: bool = False) -> str:
        """Store a file and return its digest; storing the same bytes twice keeps one copy.

        Args:
            path: the file, which nobody writes to any more.
            sha256: digest that it should have; DamagedFile if it has another, and nothing is stored.
            move: whether the file may disappear from `path`.
        """
        ...

    def put_bytes(self, data: bytes) -> str:
        """Store bytes as a file and return its digest; storing the same bytes twice keeps one copy."""
        ...

    def put_written(self, write: Callable[[BinaryIO], None]) -> str:
        """Store a file that `write` writes, and may seek in, and return its digest; nothing is stored if it raises."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open a file for reading, without checking its digest."""
        ...

    def path(self, sha256: str) -> Path:
        """Return where the bytes can be read on this machine; never to be written to."""
        ...

    def size(self, sha256: str) -> int:
        """Return the number of bytes."""
        ...

    def exists(self, sha256: str) -> bool:
        """Return whether the file is stored."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove a file; does nothing where there is none."""
        ...

    def copy_to(self, sha256: str, target: Path) -> None:
        """Copy a file to `target`, replacing what is there, and check the bytes on the way; raises DamagedFile."""
        ...


def check_digest(sha256: str) -> str:
    """Return a digest that is one; it becomes part of a path, so anything else raises ValueError."""
    if not SHA256_PATTERN.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no SHA-256, expected 64 lower-case hexadecimal digits")
    return sha256
