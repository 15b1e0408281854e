"""Runs: started with seeds, listed, shown, cancelled, resumed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.db import lifecycle
from server.db.lifecycle import Cause
from server.db.models import Attempt, Experiment, Run, Score, Stage, Transition
from server.db.states import RunState
from server.errors import NotFoundError
from server.schemas.page import Page
from server.schemas.runs import RunDetail, RunProgress, RunSummary
from server.schemas.stages import TransitionEntry
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.run_views import StageLike, current_stage, progress, run_detail

_SHOWN = (
    selectinload(Run.stages).selectinload(Stage.attempts),
    # An experiment's documents are large, and a run shows none of them.
    joinedload(Run.experiment).load_only(
        Experiment.name,
        Experiment.method,
        Experiment.preset,
        Experiment.preset_version,
        Experiment.digest,
        Experiment.deviations,
    ),
)
"""What `run_detail` needs of a run."""


def start(session: Session, experiment: Experiment, *, seeds: Sequence[int], cause: Cause) -> list[RunDetail]:
    """Make one run for each seed and queue its first stage."""
    ids = [lifecycle.create_run(session, experiment, seed, cause=cause).id for seed in seeds]
    # Read afresh, all at once: what was just made knows nothing of its attempts, and would ask for each stage's.
    statement = select(Run).where(Run.id.in_(ids)).options(*_SHOWN)
    rows = {run.id: run for run in session.scalars(statement.execution_options(populate_existing=True))}
    return [run_detail(rows[run_id], None) for run_id in ids]


def show(session: Session, run_id: str) -> RunDetail:
    """Return one run with its stages and attempts; raises NotFoundError."""
    run = session.get(Run, run_id, options=_SHOWN, populate_existing=True)
    if run is None:
        raise NotFoundError("run", run_id)
    return run_detail(run, last_miou(session, [run_id]).get(run_id))


def require(session: Session, run_id: str) -> None:
    """Raise NotFoundError when there is no such run."""
    if session.scalar(select(Run.id).where(Run.id == run_id)) is None:
        raise NotFoundError("run", run_id)


def cancel(session: Session, run_id: str, *, cause: Cause) -> tuple[RunDetail, bool]:
    """Cancel a run; returns it, and whether anything changed. Raises NotFoundError and IllegalTransition."""
    try:
        _, is_changed = lifecycle.request_cancel(session, run_id, cause=cause)
    except lifecycle.UnknownRun as error:
        raise NotFoundError("run", run_id) from error
    return show(session, run_id), is_changed


def resume(session: Session, run_id: str, *, cause: Cause) -> tuple[RunDetail, bool]:
    """Continue a failed or cancelled run; returns it, and whether anything changed. Raises as `cancel` does."""
    try:
        _, is_changed = lifecycle.resume_run(session, run_id, cause=cause)
    except lifecycle.UnknownRun as error:
        raise NotFoundError("run", run_id) from error
    return show(session, run_id), is_changed


def list_page(
    session: Session,
    *,
    states: Sequence[RunState],
    method: str | None,
    experiment_id: str | None,
    cursor: str | None,
    limit: int,
) -> Page[RunSummary]:
    """Return one page of runs, newest first."""
    before = decode_cursor("runs", cursor, (str,))
    conditions: list[ColumnElement[bool]] = []
    if states:
        conditions.append(Run.state.in_([state.value for state in states]))
    if method is not None:
        conditions.append(Experiment.method == method)
    if experiment_id is not None:
        conditions.append(Run.experiment_id == experiment_id)
    if before is not None:
        conditions.append(Run.id < str(before[0]))
    # Columns and not rows: an experiment's documents are large, and the list does not show them.
    statement = (
        select(
            Run.id,
            Run.experiment_id,
            Run.seed,
            Run.state,
            Run.reason,
            Run.message,
            Run.created_at,
            Run.started_at,
            Run.finished_at,
            Experiment.name.label("experiment_name"),
            Experiment.method,
            Experiment.preset,
        )
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(*conditions)
        .order_by(Run.id.desc())
    )
    rows, last = split_page(session.execute(statement.limit(limit + 1)).all(), limit)
    ids = [row.id for row in rows]
    at = _progress(session, ids)
    scores = last_miou(session, ids)
    items = [RunSummary(**row._mapping, progress=at[row.id], miou_all=scores.get(row.id)) for row in rows]
    return Page(items=items, next_cursor=encode_cursor("runs", (last.id,)) if last else None)


def history(session: Session, run_id: str, *, cursor: str | None, limit: int) -> Page[TransitionEntry]:
    """Return one page of the transitions of a run, its stages and attempts, oldest first; raises NotFoundError."""
    require(session, run_id)
    after = decode_cursor("history", cursor, (int,))
    statement = select(Transition).where(Transition.run_id == run_id).order_by(Transition.id)
    if after is not None:
        statement = statement.where(Transition.id > int(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[TransitionEntry.model_validate(row) for row in rows],
        next_cursor=encode_cursor("history", (last.id,)) if last else None,
    )


def last_miou(session: Session, run_ids: Sequence[str]) -> dict[str, float | None]:
    """Return for each run that was tested the mIoU over all seen classes after its last tested step."""
    statement = (
        select(Score.run_id, Score.value)
        .where(Score.run_id.in_(run_ids), Score.metric == "miou", Score.group == "all")
        .order_by(Score.step, Score.id)
    )
    return {row.run_id: row.value for row in session.execute(statement)}


def _progress(session: Session, run_ids: Sequence[str]) -> dict[str, RunProgress]:
    statement = select(Stage.run_id, Stage.id, Stage.index, Stage.name, Stage.state)
    stages: dict[str, list[StageLike]] = {run_id: [] for run_id in run_ids}
    for row in session.execute(statement.where(Stage.run_id.in_(run_ids)).order_by(Stage.index)):
        stages[row.run_id].append(row)
    at = {run_id: current_stage(rows) for run_id, rows in stages.items()}
    columns = (
        Attempt.stage_id,
        Attempt.phase,
        Attempt.iteration,
        Attempt.total_iterations,
        Attempt.images_per_second,
        Attempt.seconds_left,
    )
    latest = (
        select(*columns)
        .where(Attempt.stage_id.in_([stage.id for stage in at.values() if stage]))
        .order_by(Attempt.number)
    )
    attempts = {row.stage_id: row for row in session.execute(latest)}
    return {
        run_id: progress(rows, attempts.get(stage.id) if (stage := at[run_id]) is not None else None)
        for run_id, rows in stages.items()
    }
