"""Storage in a folder: `ab/cd/abcd…` under the root."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from core.errors import DamagedFile
from core.files import file_sha256, sync_folder
from server.storage.base import MissingFile, check_digest

CHUNK_BYTES = 1 << 20


class LocalStorage:
    """Files in a folder of a local disk; `Storage` documents the methods."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def put_file(self, path: Path, *, sha256: str | None = None, move: bool = False) -> str:
        """Store a file: hash it while copying, sync it, and only then give it its name."""
        if sha256 is not None and self.exists(sha256) and self.size(sha256) == path.stat().st_size:
            # Hash the file even if `sha256` is stored already: the file may hold other bytes.
            self._check(path, sha256, file_sha256(path))
            self._renew(sha256)
            return self._finish(path, sha256, move)
        aside = self._incoming / uuid.uuid4().hex
        try:
            found = _copy(path, aside)
            self._check(path, sha256 or found, found)
            self._name(aside, found)
        finally:
            aside.unlink(missing_ok=True)
        return self._finish(path, found, move)

    def put_bytes(self, data: bytes) -> str:
        """Store bytes: sync the file, and only then give it its name."""
        sha256 = hashlib.sha256(data).hexdigest()
        if self.exists(sha256) and self.size(sha256) == len(data):
            self._renew(sha256)
            return sha256
        aside = self._incoming / uuid.uuid4().hex
        try:
            _write(aside, [data])
            self._name(aside, sha256)
        finally:
            aside.unlink(missing_ok=True)
        return sha256

    def put_written(self, write: Callable[[BinaryIO], None]) -> str:
        """Store the written file: sync it, hash it, and only then give it its name."""
        aside = self._incoming / uuid.uuid4().hex
        try:
            with aside.open("xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            sha256 = file_sha256(aside)
            if not self.exists(sha256) or self.size(sha256) != aside.stat().st_size:
                self._name(aside, sha256)
            else:
                self._renew(sha256)
        finally:
            aside.unlink(missing_ok=True)
        return sha256

    def open(self, sha256: str) -> BinaryIO:
        """Open a file for reading."""
        return self.path(sha256).open("rb")

    def path(self, sha256: str) -> Path:
        """Return the path of a stored file."""
        target = self._target(sha256)
        if not target.is_file():
            raise MissingFile(sha256)
        return target

    def size(self, sha256: str) -> int:
        """Return the number of bytes."""
        return self.path(sha256).stat().st_size

    def exists(self, sha256: str) -> bool:
        """Return whether the file is stored."""
        return self._target(sha256).is_file()

    def delete(self, sha256: str) -> None:
        """Remove a file, if it is there."""
        self._target(sha256).unlink(missing_ok=True)

    def copy_to(self, sha256: str, target: Path) -> None:
        """Copy a file and check its bytes while copying."""
        source = self.path(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
        try:
            self._check(source, sha256, _copy(source, aside))
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)

    def _name(self, aside: Path, sha256: str) -> None:
        target = self._target(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.replace(target)
        sync_folder(target.parent)

    def _renew(self, sha256: str) -> None:
        """Make a file that is stored again as young as a new one: the row that refers to it may not be written yet."""
        os.utime(self._target(sha256))

    def _target(self, sha256: str) -> Path:
        digest = check_digest(sha256)
        return self._root / digest[:2] / digest[2:4] / digest

    @staticmethod
    def _check(path: Path, expected: str, found: str) -> None:
        if found != expected:
            raise DamagedFile(str(path), expected=expected, found=found)

    @staticmethod
    def _finish(path: Path, sha256: str, move: bool) -> str:
        if move:
            path.unlink()
        return sha256


def _copy(source: Path, target: Path) -> str:
    """Copy a file to disk and return the SHA-256 of the copied bytes."""
    with source.open("rb") as reader:
        return _write(target, iter(lambda: reader.read(CHUNK_BYTES), b""))


def _write(target: Path, chunks: Iterable[bytes]) -> str:
    """Write and sync a new file, and return the SHA-256 of the written bytes."""
    digest = hashlib.sha256()
    with target.open("xb") as writer:
        for chunk in chunks:
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()
