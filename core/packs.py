"""Many small files in one: a ZIP whose members are not compressed, so that each is a range of its bytes.

The same members give the same bytes, whatever their order and times, so a pack has one digest. Each member's SHA-256 is
its comment in the archive's directory, at the end of the file.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from core.errors import DamagedFile, StorageError

SHA256_PATTERN = re.compile(r"[0-9a-f]{64}")
FORMAT = b"palimpsest-pack/1"
"""Comment of the archive: tells a pack from another ZIP."""
CHUNK_BYTES = 1 << 20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_UNIX, _REGULAR_FILE = 3, 0o100644 << 16
_LOCAL_HEADER = struct.Struct("<26xHH")
"""Lengths of name and extra field, which stand between a member's header and its bytes."""


class NotAPack(StorageError):
    """The file is no pack, or its directory cannot be read."""


@dataclass(frozen=True)
class FileSource:
    """A file that goes into a pack: what it must be, and how it is read."""

    sha256: str
    bytes: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class PackedFile:
    """One member of a pack.

    Attributes:
        name: relative path of plain segments.
        sha256, bytes: of its content.
        header: where its header begins in the pack.
    """

    name: str
    sha256: str
    bytes: int
    header: int


class PackWriter:
    """Writes the members of a pack one after the other, in the order of their names.

    The pack is complete once `close` was called.
    """

    def __init__(self, target: BinaryIO) -> None:
        self._archive = ZipFile(target, "w", ZIP_STORED)
        self._archive.comment = FORMAT
        self._last = ""

    def add(self, name: str, data: bytes) -> None:
        """Append a member; raises ValueError for a name that is not behind the last one."""
        self.add_source(name, FileSource(hashlib.sha256(data).hexdigest(), len(data), lambda: io.BytesIO(data)))

    def add_source(self, name: str, source: FileSource) -> None:
        """Append a file; raises ValueError as `add`, and DamagedFile when it is not what its source says."""
        if name <= self._last:
            raise ValueError(f"{name!r} comes before {self._last!r}, which the pack has already")
        self._last = name
        info = ZipInfo(name, _FIRST_DAY)
        info.create_system, info.external_attr = _UNIX, _REGULAR_FILE
        info.file_size, info.comment = source.bytes, source.sha256.encode()
        digest = hashlib.sha256()
        with source.open() as reader, self._archive.open(info, "w") as writer:
            while chunk := reader.read(CHUNK_BYTES):
                digest.update(chunk)
                writer.write(chunk)
        if digest.hexdigest() != source.sha256:
            raise DamagedFile(name, expected=source.sha256, found=digest.hexdigest())

    def close(self) -> None:
        """Write the directory; the target stays open."""
        self._archive.close()


def write_pack(target: BinaryIO, files: Mapping[str, FileSource]) -> None:
    """Write the files into a new pack, in the order of their names.

    Raises:
        DamagedFile: when a file is not what its source says.
    """
    writer = PackWriter(target)
    try:
        for name in sorted(files):
            writer.add_source(name, files[name])
    finally:
        writer.close()


def pack_members(path: Path) -> Mapping[str, PackedFile]:
    """Return the members of a stored pack by name; raises NotAPack.

    Args:
        path: in storage, where files never change: a directory that was read is kept.
    """
    return _members(path)


@lru_cache(maxsize=8)
def _members(path: Path) -> Mapping[str, PackedFile]:
    try:
        with ZipFile(path) as archive:
            infos = archive.infolist() if archive.comment == FORMAT else None
    except (OSError, BadZipFile) as error:
        raise NotAPack(f"{path.name}: cannot be read as a pack: {error}") from error
    if infos is None:
        raise NotAPack(f"{path.name}: is a ZIP, but no pack")
    members = [PackedFile(info.filename, info.comment.decode(), info.file_size, info.header_offset) for info in infos]
    strange = [one.name for one in members if not _is_plain(one.name) or not SHA256_PATTERN.fullmatch(one.sha256)]
    if strange:
        raise NotAPack(f"{path.name}: holds {strange[0]!r}, which is no member of a pack")
    return {one.name: one for one in members}


def offset_of(path: Path, member: PackedFile) -> int:
    """Return where the bytes of a member begin in its pack."""
    with path.open("rb") as pack:
        pack.seek(member.header)
        name_bytes, extra_bytes = _LOCAL_HEADER.unpack(pack.read(_LOCAL_HEADER.size))
    return member.header + _LOCAL_HEADER.size + int(name_bytes) + int(extra_bytes)


def read_member(path: Path, member: PackedFile) -> bytes:
    """Return the content of a member; raises DamagedFile."""
    offset = offset_of(path, member)
    with path.open("rb") as pack:
        pack.seek(offset)
        data = pack.read(member.bytes)
    found = hashlib.sha256(data).hexdigest()
    if found != member.sha256:
        raise DamagedFile(f"{member.name} in {path.name}", expected=member.sha256, found=found)
    return data


def unpack(path: Path, folder: Path) -> None:
    """Write every member below a folder; raises NotAPack. The caller has checked the pack's digest."""
    members = pack_members(path)
    for parent in {(folder / name).parent for name in members}:
        parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(path) as archive:
        for name in members:
            with archive.open(name) as reader, (folder / name).open("xb") as writer:
                shutil.copyfileobj(reader, writer, CHUNK_BYTES)


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and path.as_posix() == name and ".." not in path.parts
