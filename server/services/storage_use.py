"""Disk use of the service. It is measured rarely, in its own thread, because folders can hold many files."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import make_url, text

from server.db.session import Database
from server.schemas.storage_use import StoragePart, StorageUse
from server.settings import Settings

LEAST_AGE_S = 60.0
"""Minimum age at which a measurement is renewed."""
AGE_PER_COST = 50.0
"""Minimum age as a multiple of the measuring time: walking files takes at most 2 % of one thread."""
FIRST_WAIT_S = 1.0
"""Time that the first request waits for the first measurement, which is short if little is stored."""


class StorageMeter:
    """Returns the last measurement at once, and measures again when it is old."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        self._lock = threading.Lock()
        self._first = threading.Event()
        self._parts: list[StoragePart] = []
        self._measured_at: datetime | None = None
        self._due = 0.0
        self._is_measuring = False

    def read(self) -> StorageUse:
        """Return the last measurement and the free space now."""
        self._start_when_due()
        self._first.wait(FIRST_WAIT_S)
        disk = shutil.disk_usage(_existing(self._settings.storage_folder))
        with self._lock:
            return StorageUse(
                parts=self._parts, measured_at=self._measured_at, disk_bytes=disk.total, free_bytes=disk.free
            )

    def measure(self) -> None:
        """Measure now."""
        started = time.monotonic()
        try:
            parts = list(self._measured())
            with self._lock:
                self._parts, self._measured_at = parts, datetime.now(UTC)
        finally:
            ended = time.monotonic()
            with self._lock:
                self._due = ended + max(LEAST_AGE_S, AGE_PER_COST * (ended - started))
                self._is_measuring = False
            self._first.set()

    def _start_when_due(self) -> None:
        with self._lock:
            if self._is_measuring or time.monotonic() < self._due:
                return
            self._is_measuring = True
        threading.Thread(target=self.measure, name="storage-meter", daemon=True).start()

    def _measured(self) -> Iterator[StoragePart]:
        settings, seen = self._settings, set[tuple[int, int]]()
        yield _folder_part("blobs", settings.storage_folder, seen)
        yield _folder_part("runs", settings.runs_folder, seen)
        yield _folder_part("cache", settings.cache_folder, seen)
        yield _database_part(self._database)


def _folder_part(name: str, folder: Path, seen: set[tuple[int, int]]) -> StoragePart:
    sizes = list(_sizes(str(folder), seen))
    return StoragePart.model_validate({"name": name, "bytes": sum(sizes), "files": len(sizes)})


def _sizes(folder: str, seen: set[tuple[int, int]]) -> Iterator[int]:
    """Yield the sizes of the files below a folder. Do not follow links; skip files that vanish meanwhile."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(entry.path, seen)
                continue
            state = entry.stat(follow_symlinks=False)
        except OSError:
            continue
        place = (state.st_dev, state.st_ino)
        if state.st_nlink > 1:
            if place in seen:
                continue
            seen.add(place)
        yield state.st_size


def _database_part(database: Database) -> StoragePart:
    if database.is_sqlite:
        path = make_url(database.url).database or ""
        sizes = [size for suffix in ("", "-wal", "-shm") if (size := _size(Path(path + suffix))) is not None]
        return StoragePart(name="database", bytes=sum(sizes), files=len(sizes))
    with database.read() as session:
        size = session.scalar(text("SELECT pg_database_size(current_database())"))
    return StoragePart(name="database", bytes=int(size or 0), files=None)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _existing(folder: Path) -> Path:
    """Return the folder, or its nearest existing parent."""
    return next(path for path in (folder, *folder.parents) if path.exists())
