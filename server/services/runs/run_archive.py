"""Write a whole run as one ZIP archive, piece by piece, so that no part of it is held in memory (IO-6)."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.base import utc_now
from server.db.models import Artifact, Evaluation, SeriesSummary, Stage
from server.db.session import Database
from server.db.shared_stages import OWNER, is_of_run
from server.errors import ContentMissingError
from server.schemas.artifacts import ArtifactDetail
from server.schemas.run_archive import ArchivedFile, ArchiveManifest, ArchiveQuery, MissingArtifact
from server.schemas.runs import RunDetail
from server.schemas.series import SeriesWindow
from server.services.experiments import experiments
from server.services.results.sheet_text import csv_text
from server.services.runs import logs, runs
from server.services.runs.artifacts import StoredFile, stored_file
from server.services.scores import scores, series, step_table
from server.storage.base import Storage

CHUNK_BYTES = 1 << 20
PAGE = 200
ALL_POINTS = SeriesWindow(max_points=0)
SERIES_COLUMNS = ("key", "stage_index", "iteration", "attempt", "value")
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""Time of every file, so that the same run gives the same bytes but for the manifest."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class RunArchive:
    """What an archive is written from.

    Attributes:
        run: the run; its answer is `run.json`.
        artifacts: path in the archive -> stored file.
        described: their descriptions, in this order.
        missing: artifacts without their file.
    """

    run: RunDetail
    artifacts: dict[str, StoredFile]
    described: list[ArtifactDetail]
    missing: list[MissingArtifact]

    @property
    def file_name(self) -> str:
        """Name for the download."""
        name = _NOT_IN_NAMES.sub("-", self.run.experiment_name).strip("-.")[:80] or "run"
        return f"{name}-seed-{self.run.seed}-{self.run.id[:8]}.zip"


def artifact_path(index: int, stage: str, name: str) -> str:
    """Return where an archive has an artifact of a stage."""
    return f"artifacts/{index}-{stage}/{name}"


def open_archive(session: Session, storage: Storage, run_id: str, query: ArchiveQuery) -> RunArchive:
    """Return what the archive of a run is written from; raises NotFoundError."""
    run = runs.show(session, run_id)
    archive = RunArchive(run, {}, [], [])
    statement = (
        select(Artifact, Stage.index, Stage.name)
        .join(Stage, Artifact.stage_id == OWNER)
        .where(Stage.run_id == run_id)
        .order_by(Stage.index, Artifact.name)
    )
    if query.kind:
        statement = statement.where(Artifact.kind.in_(query.kind))
    for artifact, index, name in session.execute(statement) if query.artifacts else ():
        path = artifact_path(index, name, artifact.name)
        media_type = artifact.media_type
        try:
            found = stored_file(storage, artifact.sha256, size=artifact.bytes, name=path, media_type=media_type)
        except ContentMissingError as error:
            archive.missing.append(MissingArtifact(path=path, sha256=artifact.sha256, reason=str(error)))
        else:
            archive.artifacts[path] = found
            archive.described.append(ArtifactDetail.model_validate(artifact))
    return archive


def stream(database: Database, storage: Storage, archive: RunArchive) -> Iterator[bytes]:
    """Yield the bytes of an archive. Each part is read in its own session, because sending may outlast a session."""
    writer = _Writer()
    run_id = archive.run.id
    yield from writer.add("run.json", [_json(archive.run)])
    with database.read() as session:
        definition = experiments.detail(experiments.find(session, archive.run.experiment_id))
    yield from writer.add("experiment.json", [_json(definition)])
    yield from writer.add("history.json", _list(_history(database, run_id)))
    yield from writer.add("evaluations.json", _list(_evaluations(database, storage, archive)))
    with database.read() as session:
        is_tested = session.scalar(select(Evaluation.id).where(is_of_run(Evaluation.stage_id, run_id)).limit(1))
        table = step_table.step_table(session, run_id, None, None) if is_tested is not None else None
    if table is not None:
        yield from writer.add("step-table.json", [_json(table)])
    yield from writer.add("series.csv", _series(database, run_id))
    for stage in archive.run.stages:
        if stage.attempts or stage.shared is not None:
            with database.read() as session:
                log = logs.whole(session, stage.id, None)
            yield from writer.add(f"logs/{log.file_name}", (part.encode() for part in logs.text_of(database, log)))
    yield from writer.add("artifacts.json", _list(archive.described))
    for path, file in archive.artifacts.items():
        yield from writer.add(path, _chunks(file.path), is_packed=True)
    manifest = ArchiveManifest(run_id=run_id, written_at=utc_now(), files=writer.files, missing=archive.missing)
    yield from writer.add("manifest.json", [_json(manifest)])
    yield from writer.end()


class _Pipe(io.RawIOBase):
    """A file that keeps what is written to it until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload] # any buffer
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


@dataclass
class _Writer:
    """A ZIP archive that is written and sent at the same time."""

    files: list[ArchivedFile] = field(default_factory=list)
    _pipe: _Pipe = field(default_factory=_Pipe)

    def __post_init__(self) -> None:
        self._zip = ZipFile(self._pipe, "w")

    def add(self, path: str, parts: Iterable[bytes], *, is_packed: bool = False) -> Iterator[bytes]:
        """Write one file and yield what is ready; one that is packed already is not compressed again."""
        info = ZipInfo(path, BEGINNING)
        info.compress_type = ZIP_STORED if is_packed else ZIP_DEFLATED
        size, digest = 0, hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as member:
            for part in parts:
                member.write(part)
                size += len(part)
                digest.update(part)
                yield self._pipe.take()
        self.files.append(ArchivedFile(path=path, bytes=size, sha256=digest.hexdigest()))
        yield self._pipe.take()

    def end(self) -> Iterator[bytes]:
        """Write the directory of the archive."""
        self._zip.close()
        yield self._pipe.take()


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json(indent=1).encode()


def _list(items: Iterable[BaseModel]) -> Iterator[bytes]:
    """Yield a JSON list of models."""
    yield b"["
    for place, item in enumerate(items):
        yield (b",\n" if place else b"\n") + item.model_dump_json().encode()
    yield b"\n]\n"


def _history(database: Database, run_id: str) -> Iterator[BaseModel]:
    cursor: str | None = None
    while True:
        with database.read() as session:
            page = runs.history(session, run_id, cursor=cursor, limit=PAGE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _evaluations(database: Database, storage: Storage, archive: RunArchive) -> Iterator[BaseModel]:
    """Yield the evaluations with their confusion matrices; without those of a page that has lost one."""
    cursor: str | None = None
    run_id = archive.run.id
    while True:
        with database.read() as session:
            try:
                page = scores.list_page(session, storage, run_id, has_confusion=True, cursor=cursor, limit=PAGE)
            except ContentMissingError as error:
                archive.missing.append(MissingArtifact(path="evaluations.json", sha256=None, reason=str(error)))
                page = scores.list_page(session, storage, run_id, has_confusion=False, cursor=cursor, limit=PAGE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _series(database: Database, run_id: str) -> Iterator[bytes]:
    """Yield all curves as CSV, one line for each shown point; values that are not finite are nan, inf and -inf."""
    with database.read() as session:
        keys = session.scalars(select(SeriesSummary.key).where(SeriesSummary.run_id == run_id).order_by("key")).all()
    yield csv_text([SERIES_COLUMNS]).encode()
    for key in keys:
        with database.read() as session:
            points = series.points(session, run_id, key, ALL_POINTS).points
        rows = (
            (key, point["stage_index"], point["iteration"], point["attempt"], float(point["value"])) for point in points
        )
        yield csv_text(list(rows)).encode()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(CHUNK_BYTES):
            yield part
