"""A few kB of the disk that a stage keeps back, so that it can say why it ends when the disk is full. Free of torch."""

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
    """Reserve space on the disk; the block gets a function that frees it, to be called before the ending is written.

    Raises:
        OSError: when the disk is full already.
    """
    path = folder / RESERVE_FILE
    try:
        # Noise: some file systems store a file of zeros without taking any blocks.
        write_synced(path, os.urandom(RESERVE_BYTES))
        yield lambda: path.unlink(missing_ok=True)
    finally:
        path.unlink(missing_ok=True)
