"""List, close, reopen and extend active-learning rounds, and hand them to the oracle (AL-4, AL-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from core.acquisition.catalog import AcquisitionName
from core.stage.spec import StageKind
from core.streams.budgets import BudgetUnit
from core.streams.catalog import stored_stream
from server.db import annotations as db
from server.db.clock import database_now
from server.db.lifecycle import Cause
from server.db.models import Annotation, Experiment, QueryBatch, Run, Stage
from server.db.run_scores import headline_by_step, headline_of
from server.db.session import Database
from server.db.states import StageState
from server.errors import InvalidRequestError, RunIsSharedError
from server.schemas import rounds as schemas
from server.schemas.page import Page
from server.schemas.queries import QueryCounts
from server.schemas.scoring import HeadlineScore
from server.services.experiments.classes import classes_of_run
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.rounds.ground_truth import labelled_at_start, require_ground_truth
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import closing_time
from server.services.rounds.views import RoundSummaries
from server.services.runs import runs
from server.services.runs.lineage import run_sharing
from server.storage import Storage

TEACHER, STUDENT = "val", "val-student"


def list_rounds(session: Session, run_id: str, *, data_home: Path) -> schemas.Rounds:
    """Return all rounds of a run; an empty list if its method has none. Raises NotFoundError."""
    runs.require(session, run_id)
    run = session.get_one(Run, run_id)
    batches = {
        batch.stage_id: batch for batch in session.scalars(select(QueryBatch).where(QueryBatch.run_id == run_id))
    }
    stream = stored_stream(run.experiment.resolved["stream"])
    is_active = stream is not None and stream.asks_for_labels
    stages = {(stage.kind, stage.spec["step"]): stage for stage in run.stages} if is_active else {}
    headline = headline_of(session, run_id)
    teacher, student = (headline_by_step(session, run_id, headline, split) for split in (TEACHER, STUDENT))
    summaries, rounds = RoundSummaries(session, classes_of_run(session, run_id)), []
    for (kind, index), training in stages.items():
        if kind != StageKind.TRAIN:
            continue
        labelled, described = summaries.total.cost(), None
        label = stages.get((StageKind.LABEL, index))
        batch = batches.get(label.id) if label is not None else None
        if label is not None and batch is not None:
            gain = _difference(teacher.get(index + 1), teacher.get(index))
            described = summaries.describe(batch, label, gain)
        rounds.append(
            schemas.Round(
                index=index,
                train_stage_id=training.id,
                train_state=StageState(training.state),
                score=teacher.get(index),
                score_student=student.get(index),
                labelled=labelled,
                batch=described,
            )
        )
    initial = labelled_at_start(run.experiment.resolved, data_home) if is_active else 0
    shown = HeadlineScore.model_validate(headline)
    return schemas.Rounds(run_id=run_id, headline=shown, initial_images=initial, rounds=rounds)


def list_waiting(session: Session, *, cursor: str | None, limit: int) -> Page[schemas.WaitingRound]:
    """Return one page of the rounds that wait for people, longest waiting first."""
    after = _after_waiting(cursor)
    statement = (
        select(Stage, QueryBatch, Experiment)
        .join(QueryBatch, QueryBatch.stage_id == Stage.id)
        .join(Run, Run.id == Stage.run_id)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(Stage.state == StageState.WAITING_ANNOTATION, Run.deleted_at.is_(None))
        .order_by(Stage.started_at, Stage.id)
    )
    if after is not None:
        statement = statement.where(tuple_(Stage.started_at, Stage.id) > after)
    rows, last = split_page(session.execute(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[_waiting(session, stage, batch, experiment) for stage, batch, experiment in rows],
        next_cursor=_waiting_cursor(last[0]) if last else None,
    )


def _waiting_cursor(stage: Stage) -> str:
    # A waiting stage has a start time.
    assert stage.started_at is not None
    return encode_cursor("label-stages", (stage.started_at.isoformat(), stage.id))


def _after_waiting(cursor: str | None) -> tuple[datetime, str] | None:
    key = decode_cursor("label-stages", cursor, (str, str))
    if key is None:
        return None
    try:
        return datetime.fromisoformat(str(key[0])).astimezone(UTC), str(key[1])
    except (ValueError, OverflowError) as error:
        raise InvalidRequestError.of_query("cursor", f"{str(key[0])[:100]!r} is no time") from error


def close(
    database: Database, storage: Storage, stage_id: str, body: schemas.RoundClose, cause: Cause
) -> schemas.RoundState:
    """Close a round early; unanswered queries return to the pool.

    Raises:
        NotFoundError, RoundClosedError, RoundEmptyError.
    """
    with as_problems():
        db.close_round(database, storage, stage_id, cause=cause, allow_empty=body.allow_empty)
    with database.read() as session:
        return _state(session, stage_id)


def reopen(session: Session, stage_id: str, cause: Cause) -> schemas.RoundState:
    """Reopen a round; a complete round then closes only by hand.

    Raises:
        NotFoundError, IllegalTransition.
        RunIsSharedError: when a branch was trained with the labels of the round.
    """
    branch = run_sharing(session, stage_id)
    if branch is not None:
        raise RunIsSharedError(f"run {branch} branched after this round and uses its labels; delete that run first")
    with as_problems():
        db.reopen_round(session, stage_id, cause=cause)
    return _state(session, stage_id)


def extend(session: Session, stage_id: str, body: schemas.RoundExtension, cause: Cause) -> schemas.RoundState:
    """Move or remove the deadline of a round; raises NotFoundError and RoundClosedError."""
    with as_problems():
        db.extend_round(session, stage_id, body.deadline_hours, cause=cause)
    return _state(session, stage_id)


def hand_to_oracle(database: Database, stage_id: str, cause: Cause, *, data_home: Path) -> schemas.RoundState:
    """Let ground truth answer the open queries; if it raises, nothing has changed.

    Raises:
        NotFoundError, RoundClosedError, GroundTruthMissingError, DataError.
    """
    # Check the files before writing to the database: a write makes others wait.
    with database.read() as session:
        require_ground_truth(session, stage_id, data_home=data_home)
    with database.write() as session, as_problems():
        db.hand_to_oracle(session, stage_id, cause=cause)
        return _state(session, stage_id)


def _state(session: Session, stage_id: str) -> schemas.RoundState:
    batch, stage = session.get_one(QueryBatch, stage_id), session.get_one(Stage, stage_id)
    counts = db.tally(session, stage_id)
    return schemas.RoundState(
        stage_id=stage_id,
        state=StageState(stage.state),
        by_people=batch.by_people,
        closes_by_hand=batch.closes_by_hand,
        deadline=batch.deadline,
        closes_at=closing_time(session, stage_id, counts),
        counts=QueryCounts(**counts),
    )


def _difference(after: float | None, before: float | None) -> float | None:
    return after - before if after is not None and before is not None else None


def _waiting(session: Session, stage: Stage, batch: QueryBatch, experiment: Experiment) -> schemas.WaitingRound:
    hour_ago = database_now(session) - timedelta(hours=1)
    recent = select(func.count()).where(Annotation.stage_id == stage.id, Annotation.created_at > hour_ago)
    return schemas.WaitingRound(
        stage_id=stage.id,
        run_id=stage.run_id,
        experiment_id=experiment.id,
        experiment_name=experiment.name,
        method=experiment.method,
        round=batch.round,
        acquisition=AcquisitionName(batch.acquisition),
        unit=BudgetUnit(batch.unit),
        budget=batch.budget,
        counts=QueryCounts(**db.tally(session, stage.id)),
        labels_per_hour=float(session.scalar(recent) or 0),
        waiting_since=stage.started_at,
        deadline=batch.deadline,
    )
