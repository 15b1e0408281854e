"""Writing a folder exactly once among several processes. Free of torch."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def materialised_once(folder: Path, write: Callable[[Path], None]) -> None:
    """Make sure that `folder` exists and is complete.

    The content is written to another folder, which is then renamed, so an existing folder is always complete. A file
    lock makes other processes wait instead of writing the same content. The lock ends with its holder, so after a
    killed writer the next process removes the leftovers.

    Args:
        folder: final path of the content.
        write: fills an empty folder.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside_prefix = f".{folder.name}."
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return
        for abandoned in folder.parent.glob(f"{aside_prefix}*.part"):
            shutil.rmtree(abandoned)
        aside = Path(tempfile.mkdtemp(prefix=aside_prefix, suffix=".part", dir=folder.parent))
        try:
            write(aside)
            aside.chmod(0o755)
            aside.rename(folder)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
