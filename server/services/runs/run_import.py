"""Import the archive of a run from another service, with new ids and its lineage (IO-6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, BinaryIO

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.exchange.faults import ArchiveFault
from core.data.exchange.zip_reading import Archive, opened_archive
from core.metrics.records import CONFUSION, Confusion
from core.stage.spec import StageSpec
from server.db import lifecycle
from server.db.lifecycle import Cause, EndedRun, EndedStage
from server.db.models import Artifact, Evaluation, EvaluationRecord, Experiment, Run, Score, SeriesPoint, Stage
from server.db.run_scores import keep_scores
from server.db.series_summaries import special_name, summarise_shared
from server.db.session import Database
from server.errors import InvalidRequestError
from server.schemas import scores as schemas
from server.schemas.classes import DatasetClasses
from server.schemas.experiments import ExperimentLabels
from server.schemas.stages import StageSummary
from server.services.experiments.tags import tag_rows
from server.services.runs.archive_reading import MAX_ARTIFACT_BYTES, ReadRun, checked_parts, read_archive
from server.services.runs.run_archive import artifact_path
from server.storage.base import Storage


def import_archive(database: Database, storage: Storage, file: BinaryIO, *, cause: Cause) -> tuple[str, bool]:
    """Store a run from its archive; returns the run's id here, and whether it is new.

    A run that is here already, by its id or as an import, is left as it is.

    Raises:
        InvalidRequestError: naming the file of the archive and what is wrong with it.
    """
    try:
        with opened_archive(file) as archive:
            read = read_archive(archive)
            with database.read() as session:
                known = _local_run(session, read.run.id)
            if known is not None:
                return known, False
            _store_artifacts(storage, archive, read)
        with database.write() as session:
            known = _local_run(session, read.run.id)
            return (known, False) if known is not None else (_store(session, read, cause), True)
    except ArchiveFault as fault:
        raise InvalidRequestError.of_body(str(fault), "bad_archive") from fault


def _local_run(session: Session, run_id: str) -> str | None:
    """Return the run here that is, or was imported from, a run of another service; None if there is none."""
    is_same = (Run.id == run_id) | (Run.imported_from == run_id)
    return session.scalar(select(Run.id).where(is_same, Run.deleted_at.is_(None)).order_by(Run.id).limit(1))


def _store_artifacts(storage: Storage, archive: Archive, read: ReadRun) -> None:
    """Store the files of the artifacts, piece by piece: a checkpoint does not fit into the memory of every service."""
    names = {stage.index: stage.name for stage in read.run.stages}
    indexes = read.stage_indexes()
    for artifact in read.artifacts:
        index = indexes[artifact.stage_id]
        path = artifact_path(index, names[index], artifact.name)
        if read.digests.get(path, (artifact.sha256, artifact.bytes)) != (artifact.sha256, artifact.bytes):
            raise ArchiveFault(f"{path}: differs from artifacts.json; export the run again")
        storage.put_written(partial(_unpack, checked_parts(archive, read.digests, path, MAX_ARTIFACT_BYTES)))


def _unpack(parts: Iterable[bytes], file: BinaryIO) -> None:
    for part in parts:
        file.write(part)


def _store(session: Session, read: ReadRun, cause: Cause) -> str:
    owners = _owners(session, read)
    origin = read.run.branched_from
    ended = EndedRun(
        id=read.run.id,
        seed=read.run.seed,
        created_at=read.run.created_at,
        started_at=read.run.started_at,
        finished_at=read.run.finished_at,
        branched_from=_local_run(session, origin.run_id) if origin is not None and owners else None,
        stages=[_stage(read, stage, owners.get(stage.index)) for stage in read.run.stages],
    )
    run = lifecycle.import_run(session, _experiment(session, read), ended, cause=cause)
    # What a shared stage has left is here already, at its owner.
    own = {stage.index: stage for stage in run.stages if stage.shared_stage_id is None}
    indexes = read.stage_indexes()
    for one in read.evaluations:
        stage = own.get(indexes[one.stage_id])
        if stage is not None:
            _add_evaluation(session, run, stage, one)
    session.add_all(_point(run, point) for point in read.points if point[1] in own)
    for artifact in read.artifacts:
        stage = own.get(indexes[artifact.stage_id])
        if stage is not None:
            columns = artifact.model_dump(exclude={"id", "run_id", "stage_id"})
            session.add(Artifact(run_id=run.id, stage_id=stage.id, **columns))
    session.flush()
    summarise_shared(session, run.id)
    keep_scores(session, run.id)
    return run.id


def _owners(session: Session, read: ReadRun) -> Mapping[int, Stage]:
    """Return index -> the stage here that a shared stage stands for; empty unless all of them are here."""
    owners: dict[int, Stage] = {}
    for stage in read.run.stages:
        if stage.shared is None:
            continue
        run_id = _local_run(session, stage.shared.run_id)
        found = session.scalar(select(Stage).where(Stage.run_id == run_id, Stage.index == stage.index))
        if found is None or read.run.branched_from is None:
            return {}
        owners[stage.index] = found
    return owners


def _experiment(session: Session, read: ReadRun) -> Experiment:
    given = read.experiment
    try:
        labels = ExperimentLabels(name=given.name, tags=given.tags, notes=given.notes)
    except ValidationError as error:
        raise ArchiveFault(f"experiment.json: {error.errors()[0]['msg']}") from error
    experiment = Experiment(
        name=labels.name,
        method=given.method,
        dataset=read.run.dataset,
        stream=read.run.stream,
        preset=given.preset,
        preset_version=given.preset_version,
        document=given.document,
        resolved=given.resolved,
        digest=given.digest,
        deviations=[deviation.model_dump(mode="json") for deviation in given.deviations],
        plan=[_spec(read, stage.index) for stage in given.plan],
        class_table=DatasetClasses(labels=given.classes).model_dump(mode="json"),
        tags=tag_rows(labels.tags),
        notes=labels.notes,
    )
    session.add(experiment)
    session.flush()
    return experiment


def _spec(read: ReadRun, index: int) -> dict[str, Any]:
    try:
        return StageSpec.model_validate(read.experiment.plan[index].model_dump()).model_dump(mode="json")
    except ValidationError as error:
        raise ArchiveFault(f"experiment.json: stage {index} of the plan: {error.errors()[0]['msg']}") from error


def _stage(read: ReadRun, stage: StageSummary, owner: Stage | None) -> EndedStage:
    attempts = []
    for attempt in stage.attempts:
        columns = attempt.model_dump(exclude={"id", "state"})
        ends = attempt.finished_at or attempt.started_at
        attempts.append(columns | {"state": attempt.state.value, "fencing_token": attempt.number, "lease_until": ends})
    spec = _spec(read, stage.index)
    return EndedStage(spec, stage.total_iterations, stage.started_at, stage.finished_at, attempts, owner)


def _add_evaluation(session: Session, run: Run, stage: Stage, given: schemas.Evaluation) -> None:
    row = Evaluation(
        run_id=run.id,
        stage_id=stage.id,
        attempt_number=given.attempt,
        **given.model_dump(include={"split", "domain", "step", "iteration", "at"}),
    )
    session.add(row)
    session.flush()
    if given.confusion is not None:
        channels = [label.id for label in given.channels]
        content = Confusion(channels=channels, matrix=given.confusion).model_dump_json().encode()
        record = {"name": "confusion.json", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        session.add(
            EvaluationRecord(evaluation_id=row.id, kind=CONFUSION, channels=channels, content=content, **record)
        )
    session.add_all(
        Score(evaluation_id=row.id, run_id=run.id, step=given.step, **score.model_dump()) for score in given.scores
    )


def _point(run: Run, point: tuple[str, int, int, int, float]) -> SeriesPoint:
    key, stage_index, iteration, attempt, value = point
    special = special_name(value)
    return SeriesPoint(
        run_id=run.id,
        key=key,
        stage_index=stage_index,
        iteration=iteration,
        attempt_number=attempt,
        value=value if special is None else None,
        special=special,
    )
