"""The files of a stage's output in storage: one blob per file, or one pack for many files of a kind."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from core.errors import DamagedFile
from core.files import file_sha256
from core.packs import FileSource, PackedFile, pack_members, read_member, unpack, write_pack
from server.storage.base import Storage

PACKED_ABOVE = 64
"""If there are more files of one suffix, they go into the output's pack."""
WHOLE = ""
"""Key of a single-file output, and of a folder's pack; a pack's entry has the number of its `files`."""

OutputEntries = dict[str, dict[str, Any]]
"""Entries of `Stage.outputs`: path below the output -> SHA-256 and size in bytes."""


def packed_names(names: Mapping[str, object]) -> set[str]:
    """Return the files of an output that go into its pack; an index such as manifest.json stays a separate blob."""
    counts = Counter(PurePosixPath(name).suffix for name in names)
    return {name for name in names if name != WHOLE and counts[PurePosixPath(name).suffix] > PACKED_ABOVE}


def store_output(storage: Storage, files: Mapping[str, FileSource]) -> OutputEntries:
    """Put the files of an output into storage and return their entries; the same files give the same entries.

    Raises:
        DamagedFile: when a file differs from its source's digest.
    """
    packed = {name: files[name] for name in packed_names(files)}
    entries: OutputEntries = {}
    if packed:
        sha256 = storage.put_written(lambda target: write_pack(target, packed))
        entries[WHOLE] = {"sha256": sha256, "bytes": storage.size(sha256), "files": len(packed)}
    for name in sorted(files.keys() - packed.keys()):
        source = files[name]
        _store_alone(storage, name, source)
        entries[name] = {"sha256": source.sha256, "bytes": source.bytes}
    return entries


def blob_source(storage: Storage, sha256: str) -> FileSource:
    """Return a stored file as a source for an output; raises MissingFile."""
    return FileSource(sha256, storage.size(sha256), lambda: storage.open(sha256))


class StoredOutput:
    """The files of one output of a stage, as blobs or in a pack."""

    def __init__(self, storage: Storage, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Open an output by its entries in `Stage.outputs`.

        Raises:
            MissingFile, NotAPack: when the output has a pack that cannot be read.
        """
        self._storage = storage
        pack = pack_of(entries)
        self._alone = {name: entry["sha256"] for name, entry in entries.items() if entry is not pack}
        self._pack_sha256 = pack["sha256"] if pack is not None else None
        self._pack = storage.path(pack["sha256"]) if pack is not None else None
        self._packed: Mapping[str, PackedFile] = pack_members(self._pack) if self._pack is not None else {}

    def __contains__(self, name: str) -> bool:
        return name in self._alone or name in self._packed

    def sources(self) -> dict[str, FileSource]:
        """Return every file by its path below the output."""
        alone = {name: blob_source(self._storage, sha256) for name, sha256 in self._alone.items()}
        return alone | {name: self._packed_source(member) for name, member in self._packed.items()}

    def read(self, name: str) -> bytes:
        """Return the content of a file; raises KeyError, MissingFile or DamagedFile."""
        if self._pack is not None and name in self._packed:
            return read_member(self._pack, self._packed[name])
        with self._storage.open(self._alone[name]) as file:
            return file.read()

    def place(self, target: Path) -> None:
        """Copy the output to a path: the file, or the folder with all its files.

        Raises:
            MissingFile, DamagedFile: when a file is missing or has changed.
        """
        for name, sha256 in self._alone.items():
            self._storage.copy_to(sha256, target / name if name else target)
        if self._pack is not None:
            self._check_pack(self._pack)
            unpack(self._pack, target)

    def _check_pack(self, path: Path) -> None:
        found = file_sha256(path)
        if found != self._pack_sha256:
            raise DamagedFile(str(path), expected=str(self._pack_sha256), found=found)

    def _packed_source(self, member: PackedFile) -> FileSource:
        pack = self._pack
        assert pack is not None, "a packed file has a pack"

        def opened() -> BinaryIO:
            return io.BytesIO(read_member(pack, member))

        return FileSource(member.sha256, member.bytes, opened)


def pack_of(entries: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the entry of an output's pack, if it has one."""
    whole = entries.get(WHOLE)
    return whole if whole is not None and "files" in whole else None


def _store_alone(storage: Storage, name: str, source: FileSource) -> None:
    if storage.exists(source.sha256) and storage.size(source.sha256) == source.bytes:
        return
    with source.open() as reader:
        found = storage.put_bytes(reader.read())
    if found != source.sha256:
        raise DamagedFile(name, expected=source.sha256, found=found)
