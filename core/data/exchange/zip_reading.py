"""Reading uploaded archives: their directory is checked before anything is unpacked (SEC-6).

Files are read one by one; nothing is written to a path that an archive names. Free of torch.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from core.data.exchange.faults import ArchiveFault, ExchangeFault

MAX_LABEL_BYTES = 50 * 2**20
MAX_DOCUMENT_BYTES = 64 * 2**20
MAX_LABEL_MAP_BYTES = 2**20
_CHUNK_BYTES = 1 << 20
_ENTRY_SIGNATURE = b"PK\x01\x02"
_ARCHIVES = (
    ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".7z", ".rar", ".jar", ".npz", ".lz4",
)  # fmt: skip
_METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflated"}
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
_ENCRYPTED = 0x1
_UTF_8 = 0x800
_OF_SYSTEMS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_UNIX = 3


@dataclass(frozen=True)
class ZipLimits:
    """Limits of an archive.

    Attributes:
        entries: maximum number of files and folders.
        unpacked_bytes: maximum size of all files together.
        ratio: maximum ratio of unpacked to packed bytes, of each file and of the whole.
    """

    entries: int = 200_000
    unpacked_bytes: int = 10 * 2**30
    ratio: int = 200


LIMITS = ZipLimits()


class Archive:
    """A checked archive.

    Attributes:
        names: sorted names of its files, without the files that operating systems add.
    """

    def __init__(self, opened: zipfile.ZipFile) -> None:
        self._zip = opened
        files = {_name_of(info): info for info in opened.infolist() if not _slashed(info.filename).endswith("/")}
        self._files = {name: info for name, info in files.items() if not _is_of_a_system(name)}
        self.names: Sequence[str] = sorted(self._files)

    def read(self, name: str, limit: int) -> bytes:
        """Return the bytes of a file; raises ExchangeFault when it is damaged or has more than `limit`."""
        return b"".join(self.parts(name, limit))

    def parts(self, name: str, limit: int) -> Iterator[bytes]:
        """Yield the bytes of a file, at most 1 MiB at a time; raises as `read` does."""
        size = self._files[name].file_size
        if size > limit:
            raise ExchangeFault("too_large", f"{name}: has {size} bytes unpacked; at most {limit} are read")
        try:
            with self._zip.open(self._files[name]) as member:
                # `read` never unpacks more than the size in the archive's directory.
                while part := member.read(_CHUNK_BYTES):
                    yield part
        except _UNREADABLE as error:
            raise ExchangeFault("unreadable", f"{name}: cannot be unpacked, it is damaged ({error})") from error


@contextmanager
def opened_archive(file: BinaryIO, limits: ZipLimits | None = None) -> Iterator[Archive]:
    """Open a ZIP for as long as the context lasts.

    Args:
        file: the archive; it must be seekable.
        limits: `LIMITS` by default.

    Raises:
        ArchiveFault: if it is no ZIP, or breaks a limit or a rule, which the message names.
    """
    limits = limits or LIMITS
    size = _bounded_size(file, limits)
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
        raise ArchiveFault(f"the body is no ZIP archive, or is cut short ({error})") from error
    with opened:
        _check(opened.infolist(), size, limits)
        yield Archive(opened)


def _bounded_size(file: BinaryIO, limits: ZipLimits) -> int:
    """Return the archive's size; first refuse too many entries, because listing them takes memory."""
    file.seek(0)
    found, size, tail = 0, 0, b""
    while chunk := file.read(_CHUNK_BYTES):
        size += len(chunk)
        window = tail + chunk
        found += window.count(_ENTRY_SIGNATURE)
        tail = window[-len(_ENTRY_SIGNATURE) + 1 :]
    file.seek(0)
    if found > limits.entries:
        raise ArchiveFault(f"the archive has more than {limits.entries} entries; send it in parts")
    return size


def _check(entries: Sequence[zipfile.ZipInfo], size: int, limits: ZipLimits) -> None:
    seen: set[str] = set()
    total = 0
    for entry in entries:
        _check_name(entry)
        _check_kind(entry)
        name = _name_of(entry)
        if name in seen:
            raise ArchiveFault(f"the archive has {name!r} twice; remove one of them")
        seen.add(name)
        total += entry.file_size
        if total > limits.unpacked_bytes:
            raise ArchiveFault(f"the archive has more than {limits.unpacked_bytes} bytes unpacked; send it in parts")
        if entry.file_size > limits.ratio * max(entry.compress_size, 1):
            raise ArchiveFault(f"{entry.filename!r} unpacks to more than {limits.ratio} times its size")
    # Also checked in total: entries may overlap, so that each alone looks harmless.
    if total > limits.ratio * size:
        raise ArchiveFault(f"the archive unpacks to more than {limits.ratio} times its size")


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    parts = _slashed(name).removesuffix("/").split("/")
    is_odd = "\0" in name or len(name) > 1000
    if is_odd or name[1:2] == ":" or any(part in {"", ".", ".."} for part in parts):
        raise ArchiveFault(f"the name {name[:200]!r} leads out of the archive or is no plain path; pack files by name")
    if name.casefold().endswith(_ARCHIVES):
        raise ArchiveFault(f"{name!r} is an archive inside of the archive; unpack it and pack its files")


def _name_of(entry: zipfile.ZipInfo) -> str:
    """Return the name of a file, repaired: some programs write backslashes, trailing blanks, or undeclared UTF-8."""
    name = _slashed(entry.filename)
    if not (entry.flag_bits & _UTF_8 or name.isascii()):
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.rstrip(" ") or name


def _slashed(name: str) -> str:
    return name.replace("\\", "/")


def _is_of_a_system(name: str) -> bool:
    *folders, base = name.split("/")
    return "__MACOSX" in folders or base.startswith("._") or base.casefold() in _OF_SYSTEMS


def _check_kind(entry: zipfile.ZipInfo) -> None:
    mode = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == _UNIX else 0
    if mode not in {0, stat.S_IFREG, stat.S_IFDIR}:
        kind = "a link" if mode == stat.S_IFLNK else "no plain file"
        raise ArchiveFault(f"{entry.filename!r} is {kind}; pack what it leads to")
    if entry.flag_bits & _ENCRYPTED:
        raise ArchiveFault(f"{entry.filename!r} is encrypted; pack it without a password")
    if entry.compress_type not in _METHODS:
        known = " or ".join(_METHODS.values())
        raise ArchiveFault(f"{entry.filename!r} is packed by method {entry.compress_type}; it must be {known}")
