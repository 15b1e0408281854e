"""Checkpoints: into storage, a row each, and only the newest kept (REC-16)."""

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
"""What a checkpoint says of itself; the name is `core.checkpoint`'s, which would load torch."""
KEPT = 2
"""Checkpoints of a stage that runs; if the newest is damaged, the one before it is there."""


@dataclass(frozen=True)
class StoredCheckpoint:
    """Files of a checkpoint that are in storage.

    Attributes:
        files: file name -> SHA-256.
        is_whole: False when the stage deleted the checkpoint for a newer one while the worker stored it.
    """

    files: Mapping[str, str]
    is_whole: bool


def store_checkpoint(storage: Storage, folder: Path, event: CheckpointWritten) -> StoredCheckpoint:
    """Put all files of a checkpoint into storage, also those that the event does not name.

    One of the same iteration may have taken its place: a training writes it again when it has made a file that belongs
    to it. Then the record is another, and the event that follows names it.

    Raises:
        StorageError: when a file is not what the event says.
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
    """Write a checkpoint's row and remove the rows of older checkpoints; return the digests that these named."""
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
    """Return a stage's checkpoints, those of the last attempt first."""
    order = (Checkpoint.attempt_number.desc(), Checkpoint.iteration.desc())
    return session.scalars(select(Checkpoint).where(Checkpoint.stage_id == stage_id).order_by(*order)).all()


def keep_newest(session: Session, stage_id: str, count: int) -> set[str]:
    """Delete the rows of all but the newest checkpoints of a stage; return the digests that they named."""
    dropped: set[str] = set()
    for row in newest_first(session, stage_id)[count:]:
        dropped |= set(row.files.values())
        session.delete(row)
    session.flush()
    return dropped
