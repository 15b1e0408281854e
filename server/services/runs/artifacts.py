"""List artifacts, and find the bytes of stored files."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.packs import NotAPack, PackedFile, offset_of, pack_members
from server.db.models import Artifact
from server.db.shared_stages import is_of_run
from server.errors import ContentMissingError, NotFoundError
from server.schemas.artifacts import ArtifactDetail, PackedFileEntry
from server.schemas.page import Page
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs import runs, stages
from server.storage.base import MissingFile, Storage

BYTES = "application/octet-stream"


@dataclass(frozen=True)
class StoredFile:
    """A file that can be sent.

    Attributes:
        path: path on the server; never sent to clients.
        sha256, size: digest and size of the content.
        name: file name for the download.
        media_type: media type of the content.
        offset: position of the content's first byte in the file at `path`.
    """

    path: Path
    sha256: str
    size: int
    name: str
    media_type: str
    offset: int = 0


def list_of_run(session: Session, run_id: str, *, cursor: str | None, limit: int) -> Page[ArtifactDetail]:
    """Return one page of a run's artifacts, oldest first; raises NotFoundError."""
    runs.require(session, run_id)
    return _page(session, is_of_run(Artifact.stage_id, run_id), cursor, limit)


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
        ContentMissingError: when the file is missing, or has another size.
    """
    try:
        path = storage.path(sha256)
        found = path.stat().st_size
    except (MissingFile, FileNotFoundError, ValueError) as error:
        raise ContentMissingError(
            f"{name}: storage has no file with SHA-256 {sha256}; run the stage again, or restore the storage"
        ) from error
    if size is not None and found != size:
        raise ContentMissingError(f"{name}: the stored file is damaged: it has {found} bytes, and {size} were recorded")
    return StoredFile(path, sha256, found, name, media_type)


def list_packed(storage: Storage, artifact: Artifact, *, cursor: str | None, limit: int) -> Page[PackedFileEntry]:
    """Return one page of the files of a pack, by name; raises NotFoundError and ContentMissingError."""
    path, members = _pack(storage, artifact)
    after = decode_cursor("packed", cursor, (str,))
    names = [name for name in members if after is None or name > str(after[0])]
    shown, last = split_page([members[name] for name in names[: limit + 1]], limit)
    return Page(
        items=[
            PackedFileEntry(name=one.name, sha256=one.sha256, bytes=one.bytes, offset=offset_of(path, one))
            for one in shown
        ],
        next_cursor=encode_cursor("packed", (last.name,)) if last else None,
    )


def packed_file(storage: Storage, artifact: Artifact, name: str) -> StoredFile:
    """Return one file of a pack; raises NotFoundError and ContentMissingError."""
    path, members = _pack(storage, artifact)
    if name not in members:
        raise NotFoundError(f"file {name!r} in the pack", artifact.id)
    member = members[name]
    return StoredFile(
        path, member.sha256, member.bytes, name, mimetypes.guess_type(name)[0] or BYTES, offset_of(path, member)
    )


def _pack(storage: Storage, artifact: Artifact) -> tuple[Path, Mapping[str, PackedFile]]:
    found = stored_file(
        storage, artifact.sha256, size=artifact.bytes, name=artifact.name, media_type=artifact.media_type
    )
    try:
        return found.path, pack_members(found.path)
    except NotAPack as error:
        raise NotFoundError("pack of files at artifact", artifact.id) from error


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
