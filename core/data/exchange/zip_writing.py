"""Writing archives whose bytes depend only on their content: fixed times, fixed order. Free of torch."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can store."""
_STORED_SUFFIXES = (".png", ".jpg", ".jpeg")
_UNIX = 3
_PERMISSIONS = 0o100644 << 16


@dataclass(frozen=True)
class ZippedFile:
    """One file of an archive; `answer` is the name of the answer that it shows, None if it shows several or none."""

    path: str
    sha256: str
    bytes: int
    answer: str | None


class ZipWriter:
    """Writes an archive file by file, in the order in which files are added.

    Attributes:
        files: the files added so far.
    """

    def __init__(self, path: Path) -> None:
        self.files: list[ZippedFile] = []
        self._zip = zipfile.ZipFile(path, "w")

    def __enter__(self) -> ZipWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, path: str, data: bytes, answer: str | None = None) -> None:
        """Add one file; pictures are already compressed, so they are stored uncompressed."""
        self.add_chunks(path, [data], answer)

    def add_chunks(self, path: str, chunks: Iterable[bytes], answer: str | None = None) -> None:
        """Add one file from chunks that are generated while it is written."""
        info = zipfile.ZipInfo(path, EPOCH)
        info.compress_type = zipfile.ZIP_STORED if path.endswith(_STORED_SUFFIXES) else zipfile.ZIP_DEFLATED
        info.create_system = _UNIX
        info.external_attr = _PERMISSIONS
        digest, total = hashlib.sha256(), 0
        # The size of a document in chunks is not known in advance; it may exceed 2 GiB.
        with self._zip.open(info, "w", force_zip64=not path.endswith(_STORED_SUFFIXES)) as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                total += len(chunk)
        self.files.append(ZippedFile(path, digest.hexdigest(), total, answer))
