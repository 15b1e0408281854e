"""Files that survive a crash: written aside and renamed, named by digest; and the one index PNG. Free of torch."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

Pixels = npt.NDArray[np.uint8]


def write_synced(path: Path, data: bytes) -> None:
    """Write a new file through to the disk; for files of a folder that is renamed as a whole."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new, never a part."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file aside that takes the place of `path`, flushed to the disk, once the block ends without an error.

    An error removes what was written and leaves `path` as it was. Several processes may write the same path at once.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False) as file:
        aside = Path(file.name)
        try:
            yield cast(BinaryIO, file)
            file.flush()
            os.fchmod(file.fileno(), 0o644)  # the library leaves it readable by nobody else
            os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk, so that a rename in it survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_file(source: Path, target: Path) -> None:
    """Make a file appear at a second path, which must be free: as a hard link where that works, else as a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def index_png(labels: Pixels) -> bytes:
    """Return an (H, W) label map as a PNG of one 8-bit index a pixel; the same labels give the same bytes."""
    file = io.BytesIO()
    image = PILImage.fromarray(np.ascontiguousarray(labels, dtype=np.uint8))
    # Label maps are runs: looking for nothing else takes two thirds of the time, and the files are about as small.
    image.save(file, format="PNG", compress_level=6, compress_type=zlib.Z_RLE)
    return file.getvalue()
