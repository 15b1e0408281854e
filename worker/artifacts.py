"""Artifacts: files that people may download, one row per file (ART-1, ART-4)."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.stage.folder import ARTIFACT_DIR
from server.db.models import Artifact, Attempt

UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class StoredFile:
    """A file in storage, and its name in the stage."""

    name: str
    kind: str
    bytes: int
    sha256: str


def artifact_name(path: str) -> str:
    """Return a file's name from its path in the stage folder, without a leading `artifacts/`."""
    return path.removeprefix(f"{ARTIFACT_DIR}/")


def media_type_of(name: str) -> str:
    """Guess the media type of a file from its name."""
    return mimetypes.guess_type(name)[0] or UNKNOWN_TYPE


def write_artifact(session: Session, run_id: str, attempt: Attempt, file: StoredFile) -> dict[str, Any]:
    """Store an artifact's row, replacing a row with the same name in the stage; return its message for the feed."""
    row = session.scalar(select(Artifact).where(Artifact.stage_id == attempt.stage_id, Artifact.name == file.name))
    if row is None:
        row = Artifact(run_id=run_id, stage_id=attempt.stage_id, name=file.name)
        session.add(row)
    row.attempt_number = attempt.number
    row.kind = file.kind
    row.media_type = media_type_of(file.name)
    row.sha256 = file.sha256
    row.bytes = file.bytes
    session.flush()
    return {"id": row.id, "name": row.name, "kind": row.kind, "bytes": row.bytes}
