"""Store checkpoints with one row each, and keep only the newest (REC-16)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import DamagedFile
from core.stage.events import CheckpointWritten
from server.db.models import Attempt, Checkpoint
from server.storage import Storage

log = logging.getLogger(__name__)

RECORD_FILE = "checkpoint.json"
"""Record file of a checkpoint; the name repeats that of `core.checkpoint`, which would load torch."""
KEPT = 2
"""Number of checkpoints kept of a running stage: if the newest is damaged, the previous one is used."""


@dataclass(frozen=True)
class StoredCheckpoint:
    """The stored files of a checkpoint.

    Attributes:
        files: file name -> SHA-256.
        is_whole: False when the stage replaced the checkpoint by a newer one while the worker stored it.
    """

    files: Mapping[str, str]
    is_whole: bool


def store_checkpoint(storage: Storage, folder: Path, event: CheckpointWritten) -> StoredCheckpoint:
    """Store all files of a checkpoint, including files that the event does not name.

    A new checkpoint of the same iteration may have replaced it: training writes the checkpoint again after it has made
    a file that belongs to it. Then the record differs, and a later event names it.

    Raises:
        StorageError: when a file differs from the event's entry.
    """
    path = folder / event.path
    files: dict[str, str] = {}
    try:
        for name in sorted({file.name for file in path.iterdir()} | event.files.keys()):
            files[name] = storage.put_file(path / name, sha256=event.files.get(name))
    except FileNotFoundError:
        log.debug("%s: replaced by newer checkpoints before it was stored", path)
        return StoredCheckpoint(files, is_whole=False)
    except DamagedFile as error:
        if error.expected != event.files.get(RECORD_FILE):
            raise
        log.debug("%s: written again before it was stored", path)
        return StoredCheckpoint(files, is_whole=False)
    return StoredCheckpoint(files, is_whole=True)


def record_checkpoint(
    session: Session, attempt: Attempt, event: CheckpointWritten, files: Mapping[str, str]
) -> set[str]:
    """Write a checkpoint's row and delete the rows of older checkpoints; return the digests in the deleted rows."""
    row = session.scalar(
        select(Checkpoint).where(
            Checkpoint.stage_id == attempt.stage_id,
            Checkpoint.attempt_number == attempt.number,
            Checkpoint.iteration == event.iteration,
        )
    )
    replaced = set(row.files.values()) - set(files.values()) if row is not None else set()
    if row is None:
        row = Checkpoint(stage_id=attempt.stage_id, attempt_number=attempt.number, iteration=event.iteration)
        session.add(row)
    row.fencing_token = attempt.fencing_token
    row.files = dict(files)
    row.bytes = event.bytes
    session.flush()
    return replaced | keep_newest(session, attempt.stage_id, KEPT)


def newest_first(session: Session, stage_id: str) -> Sequence[Checkpoint]:
    """Return a stage's checkpoints, newest first: those of the last attempt come before earlier attempts'."""
    order = (Checkpoint.attempt_number.desc(), Checkpoint.iteration.desc())
    return session.scalars(select(Checkpoint).where(Checkpoint.stage_id == stage_id).order_by(*order)).all()


def keep_newest(session: Session, stage_id: str, count: int) -> set[str]:
    """Delete the rows of all but the newest `count` checkpoints of a stage; return the digests in those rows."""
    dropped: set[str] = set()
    for row in newest_first(session, stage_id)[count:]:
        dropped |= set(row.files.values())
        session.delete(row)
    session.flush()
    return dropped
