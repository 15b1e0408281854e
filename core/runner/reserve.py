"""Disk space reserved by a stage, so that it can write its last event when the disk is full. Free of torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.files import write_synced

RESERVE_FILE = ".reserve"
RESERVE_BYTES = 64 * 1024
"""Enough for an event with a long trace."""


@contextmanager
def reserved(folder: Path) -> Iterator[Callable[[], None]]:
    """Reserve disk space; yield a function that frees it, to be called before the last event is written.

    Raises:
        OSError: if the disk is already full.
    """
    path = folder / RESERVE_FILE
    try:
        # Random bytes, because some file systems allocate no blocks for zeros.
        write_synced(path, os.urandom(RESERVE_BYTES))
        yield lambda: path.unlink(missing_ok=True)
    finally:
        path.unlink(missing_ok=True)
