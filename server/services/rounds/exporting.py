"""Export the answers of a round as one archive, an artifact of its stage (IO-1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.exchange.manifest import (
    ExportedAcquisition,
    ExportedAnswer,
    ExportedSources,
    ExportManifest,
    QueriedUnit,
    Versions,
)
from core.data.exchange.names import safe_names, versioned
from core.data.exchange.writing import write_archive
from core.data.samples import LabelMap
from server.db.annotations import accepted_rows
from server.db.lifecycle.locks import lock_run_of_stage
from server.db.models import Annotation, Artifact, Query
from server.db.session import Database
from server.errors import ContentMissingError, RoundEmptyError
from server.schemas.artifacts import ArtifactDetail
from server.schemas.exchange import ExportRequest, ExportResult
from server.services.rounds.answer_masks import stored_map
from server.services.rounds.exchange_progress import Progress, Tell, in_silence
from server.services.rounds.label_stage import LabelStage, find_label_stage
from server.services.runs import stages
from server.storage import MissingFile, Storage

KIND, MEDIA_TYPE = "export", "application/zip"
NO_ATTEMPT = 0
"""Attempt number of exports, which no attempt of the stage makes."""


@dataclass(frozen=True)
class StoredAnswers:
    """Reads each answer from storage when it is written. Maps name -> digests of the labels and the picture."""

    storage: Storage
    digests: dict[str, tuple[str, str]]
    progress: Progress

    def labels(self, answer: ExportedAnswer) -> LabelMap:
        """Return (H, W) raw ids; raises ContentMissingError."""
        self.progress.step()
        return stored_map(self.storage, self.digests[answer.name][0], f"answer {answer.name}")

    def picture(self, answer: ExportedAnswer) -> bytes:
        """Return the image as JPEG; raises ContentMissingError."""
        sha256 = self.digests[answer.name][1]
        try:
            with self.storage.open(sha256) as file:
                return file.read()
        except MissingFile as error:
            raise ContentMissingError(f"the picture {sha256} of {answer.name} cannot be read from storage") from error


def export_answers(
    database: Database, storage: Storage, stage_id: str, order: ExportRequest, tell: Tell = in_silence
) -> ExportResult:
    """Write the answers of a round into one archive; the same answers give the same artifact.

    Raises:
        NotFoundError: if the stage has no queries.
        RoundEmptyError: if there is no answer.
        ContentMissingError: if an answer is missing from storage.
    """
    with database.read() as session:
        label_stage = find_label_stage(session, stage_id)
        rows = _answers(session, stage_id, order.which)
    if not rows:
        raise RoundEmptyError(f"no query of stage {label_stage.stage.name} is answered, so there is nothing to export")
    manifest, digests = _described(label_stage, rows, order)
    source = StoredAnswers(storage, digests, Progress(len(rows), tell))
    with TemporaryDirectory(prefix="palimpsest-export-") as folder:
        path = Path(folder) / "export.zip"
        complete = write_archive(path, manifest, source, images=order.images)
        size = path.stat().st_size
        sha256 = storage.put_file(path, move=True)
    with database.write() as session:
        artifact = _artifact(session, stage_id, f"exports/{order.format}-{sha256[:12]}.zip", sha256, size)
        detail = ArtifactDetail.model_validate(artifact)
    return ExportResult(artifact=detail, answers=len(complete.answers), files=len(complete.files))


def _answers(session: Session, stage_id: str, which: Versions) -> list[tuple[Query, Annotation]]:
    if which is Versions.ACCEPTED:
        return accepted_rows(session, stage_id)
    statement = select(Query, Annotation).join(Annotation, Annotation.query_id == Query.id)
    statement = statement.where(Query.stage_id == stage_id).order_by(Query.id, Annotation.version)
    return [(query, annotation) for query, annotation in session.execute(statement)]


def _described(
    label_stage: LabelStage, rows: list[tuple[Query, Annotation]], order: ExportRequest
) -> tuple[ExportManifest, dict[str, tuple[str, str]]]:
    """Return the archive's manifest, answers sorted by name, and the digests by name to read them from."""
    # Names depend on all queries of the round, so that they stay the same as more are answered.
    names = safe_names(query.image for query in label_stage.queries)
    answers: list[ExportedAnswer] = []
    digests: dict[str, tuple[str, str]] = {}
    for query, annotation in rows:
        base = names[query.image]
        name = base if order.which is Versions.ACCEPTED else versioned(base, annotation.version)
        answers.append(_answer(name, query, annotation))
        digests[name] = (annotation.mask_sha256, query.picture_sha256)
    batch = label_stage.batch
    manifest = ExportManifest(
        format=order.format,
        which=order.which,
        run=batch.run_id,
        stage=batch.stage_id,
        stage_name=label_stage.stage.name,
        round=batch.round,
        acquisition=ExportedAcquisition(
            name=batch.acquisition,
            parameters=batch.parameters,
            unit=batch.unit,
            budget=batch.budget,
            seed=batch.seed,
            model_sha256=batch.model_sha256,
        ),
        ignore_id=batch.ignore_id,
        classes=label_stage.classes,
        answers=sorted(answers, key=lambda answer: answer.name),
    )
    return manifest, digests


def _answer(name: str, query: Query, annotation: Annotation) -> ExportedAnswer:
    return ExportedAnswer(
        name=name,
        query=query.id,
        image=query.image,
        group=query.group,
        unit=cast(QueriedUnit, query.unit),
        width=query.width,
        height=query.height,
        version=annotation.version,
        author=annotation.author,
        source=annotation.source,
        pixels=annotation.pixels,
        clicks=annotation.clicks,
        seconds=annotation.seconds,
        sources=_sources(annotation),
        regions=annotation.regions,
        is_late=annotation.is_late,
    )


def _sources(annotation: Annotation) -> ExportedSources | None:
    person, model, assisted = annotation.person_pixels, annotation.model_pixels, annotation.assisted_pixels
    if person is None or model is None or assisted is None:
        return None
    return ExportedSources(person=person, model=model, assisted=assisted)


def _artifact(session: Session, stage_id: str, name: str, sha256: str, size: int) -> Artifact:
    """Return the artifact row of an archive; the existing row if it was exported before."""
    run = lock_run_of_stage(session, stage_id)
    stages.require(session, stage_id)
    assert run is not None, "a stage that exists has a run"
    wanted = select(Artifact).where(Artifact.stage_id == stage_id, Artifact.name == name)
    artifact = session.scalar(wanted)
    if artifact is None:
        artifact = Artifact(
            run_id=run.id,
            stage_id=stage_id,
            attempt_number=NO_ATTEMPT,
            name=name,
            kind=KIND,
            media_type=MEDIA_TYPE,
            sha256=sha256,
            bytes=size,
        )
        session.add(artifact)
        session.flush()
    return artifact
