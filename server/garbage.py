"""Find unreferenced files, and remove them on request (ART-7)."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import JSON, Column, String, Table, select
from sqlalchemy.orm import Session

from server.db.base import Base
from server.db.models import Attempt, Run, Stage
from server.db.session import Database
from server.db.states import LIVE_ATTEMPT_STATES
from server.settings import Settings

GRACE_S = 24 * 3600
"""Younger files are kept: the row that refers to such a file may not be written yet."""
WITHOUT_BLOBS = frozenset({"log_line", "series_point", "run_event", "transition", "score"})
"""Long tables without references to stored files."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Rubbish:
    """One file or folder that can be removed."""

    kind: str
    path: Path
    bytes: int


def find_rubbish(database: Database, settings: Settings, *, older_than_s: float = GRACE_S) -> list[Rubbish]:
    """Return unreferenced blobs, half-written blobs, and attempt folders that no worker uses."""
    limit = time.time() - older_than_s
    # List files before rows: a row written later keeps its file, and a file written later is too young.
    blobs = [path for path in settings.storage_folder.glob("??/??/*") if _is_older(path, limit)]
    halves = [path for path in settings.storage_folder.glob("incoming/*") if _is_older(path, limit)]
    attempts = [path for path in settings.runs_folder.glob("*/*/attempt-*") if _is_older(path, limit)]
    with database.read() as session:
        needed, live = referenced_digests(session), set(_live_folders(session, settings.runs_folder))
    found = [Rubbish("blobs that no row names", path, _size(path)) for path in blobs if path.name not in needed]
    found += [Rubbish("half-written blobs", path, _size(path)) for path in halves]
    return found + [Rubbish("attempt folders", path, _size(path)) for path in attempts if path not in live]


def remove(rubbish: list[Rubbish], *, older_than_s: float = GRACE_S) -> int:
    """Delete the given files and folders, unless they were used meanwhile; returns the bytes freed."""
    limit, freed = time.time() - older_than_s, 0
    for one in rubbish:
        if not _is_older(one.path, limit):
            continue
        if one.path.is_dir():
            shutil.rmtree(one.path, ignore_errors=True)
        else:
            one.path.unlink(missing_ok=True)
        freed += one.bytes
    return freed


def referenced_digests(session: Session) -> set[str]:
    """Return every SHA-256 in any text or document of the database: too many is safe, too few is not."""
    found: set[str] = set()
    for table in Base.metadata.sorted_tables:
        columns = _texts(table)
        if columns and table.name not in WITHOUT_BLOBS:
            for row in session.execute(select(*columns).execution_options(yield_per=1000)):
                found.update(_DIGEST.findall(" ".join(str(value) for value in row if value is not None)))
    return found


def _texts(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if isinstance(column.type, String | JSON)]


def _live_folders(session: Session, runs_folder: Path) -> Iterator[Path]:
    statement = (
        select(Run.id, Stage.index, Stage.name, Attempt.number)
        .join(Stage, Stage.run_id == Run.id)
        .join(Attempt, Attempt.stage_id == Stage.id)
        .where(Attempt.state.in_(LIVE_ATTEMPT_STATES))
    )
    for run_id, index, name, number in session.execute(statement):
        yield runs_folder / run_id / f"{index}-{name}" / f"attempt-{number}"


def _is_older(path: Path, limit: float) -> bool:
    try:
        return path.stat().st_mtime < limit
    except OSError:
        return False


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
