"""Artifacts, and the bytes of stored files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.db.models import Artifact
from server.errors import ContentMissingError, NotFoundError
from server.schemas.artifacts import ArtifactDetail
from server.schemas.page import Page
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs, stages
from server.storage.base import MissingFile, Storage


@dataclass(frozen=True)
class StoredFile:
    """A file that can be sent.

    Attributes:
        path: where it lies; never shown to anybody.
        sha256, size: of its bytes.
        name: for the person who saves it.
        media_type: of its content.
    """

    path: Path
    sha256: str
    size: int
    name: str
    media_type: str


def list_of_run(session: Session, run_id: str, *, cursor: str | None, limit: int) -> Page[ArtifactDetail]:
    """Return one page of a run's artifacts, oldest first; raises NotFoundError."""
    runs.require(session, run_id)
    return _page(session, Artifact.run_id == run_id, cursor, limit)


def list_of_stage(session: Session, stage_id: str, *, cursor: str | None, limit: int) -> Page[ArtifactDetail]:
    """Return one page of a stage's artifacts, oldest first; raises NotFoundError."""
    stages.require(session, stage_id)
    return _page(session, Artifact.stage_id == stage_id, cursor, limit)


def find(session: Session, artifact_id: str) -> Artifact:
    """Return one artifact; raises NotFoundError."""
    artifact = session.get(Artifact, artifact_id)
    if artifact is None:
        raise NotFoundError("artifact", artifact_id)
    runs.require(session, artifact.run_id)
    return artifact


def stored_file(storage: Storage, sha256: str, *, size: int | None, name: str, media_type: str) -> StoredFile:
    """Return a file of the storage, after comparing its size with the recorded one.

    Raises:
        ContentMissingError: when it is not there, or has another size.
    """
    try:
        path = storage.path(sha256)
        found = path.stat().st_size
    except (MissingFile, FileNotFoundError, ValueError) as error:
        raise ContentMissingError(f"{name}: no file with SHA-256 {sha256} is in storage") from error
    if size is not None and found != size:
        raise ContentMissingError(f"{name}: the stored file has {found} bytes, {size} were recorded; it is damaged")
    return StoredFile(path, sha256, found, name, media_type)


def _page(session: Session, condition: ColumnElement[bool], cursor: str | None, limit: int) -> Page[ArtifactDetail]:
    after = decode_cursor("artifacts", cursor, (str,))
    statement = select(Artifact).where(condition).order_by(Artifact.id)
    if after is not None:
        statement = statement.where(Artifact.id > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[ArtifactDetail.model_validate(row) for row in rows],
        next_cursor=encode_cursor("artifacts", (last.id,)) if last else None,
    )
