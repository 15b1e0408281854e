"""Start, show, cancel, resume, archive and delete runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from server.db import lifecycle
from server.db.clock import database_now
from server.db.lifecycle import Cause
from server.db.lifecycle.locks import lock_run
from server.db.models import Experiment, Run, Stage, Transition
from server.db.run_scores import last_steps
from server.db.states import TERMINAL_RUN_STATES, RunState
from server.errors import NotFoundError, RunIsLiveError, RunIsSharedError
from server.schemas.page import Page
from server.schemas.runs import RunDetail, RunPatch
from server.schemas.stages import TransitionEntry
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.revisions import require_match
from server.services.runs.lineage import deleted_origin, lineage_of, sharing_run
from server.services.runs.queue_places import queue_places
from server.services.runs.times import run_times
from server.services.runs.views import run_detail

_SHOWN = (
    selectinload(Run.stages).selectinload(Stage.attempts),
    # An experiment's documents are large, and a run does not show them.
    joinedload(Run.experiment).load_only(
        Experiment.name,
        Experiment.method,
        Experiment.preset,
        Experiment.preset_version,
        Experiment.dataset,
        Experiment.stream,
        Experiment.digest,
        Experiment.deviations,
    ),
    joinedload(Run.experiment).selectinload(Experiment.tags),
)
"""Loading options for the rows that `run_detail` needs."""


def start(
    session: Session, experiment: Experiment, *, seeds: Sequence[int], cause: Cause, priority: int | None = None
) -> list[RunDetail]:
    """Create one run for each seed and queue its first stage."""
    ids = [lifecycle.create_run(session, experiment, seed, cause=cause, priority=priority or 0).id for seed in seeds]
    # Read all runs again in one query: new rows have no loaded attempts and would query them stage by stage.
    statement = select(Run).where(Run.id.in_(ids)).options(*_SHOWN)
    rows = {run.id: run for run in session.scalars(statement.execution_options(populate_existing=True))}
    return _details(session, [rows[run_id] for run_id in ids])


def show(session: Session, run_id: str) -> RunDetail:
    """Return one run with its stages and attempts; raises NotFoundError."""
    run = session.get(Run, run_id, options=_SHOWN, populate_existing=True)
    if run is None or run.deleted_at is not None:
        raise NotFoundError("run", run_id)
    return _details(session, [run])[0]


def require(session: Session, run_id: str) -> None:
    """Raise NotFoundError if the run does not exist or is deleted; call it before reading anything of a run."""
    if session.scalar(select(Run.id).where(Run.id == run_id, Run.deleted_at.is_(None))) is None:
        raise NotFoundError("run", run_id)


def delete(session: Session, run_id: str, *, if_match: str | None) -> None:
    """Delete an ended run, that is, move it to the bin; `restore` brings it back.

    Raises:
        NotFoundError: when there is no such run.
        RunIsLiveError: when the run has not ended.
        RunIsSharedError: when another run shares its stages.
        PreconditionRequiredError, RevisionMismatchError: see `require_match`.
    """
    run = _locked(session, run_id, if_match)
    if run.state not in TERMINAL_RUN_STATES:
        raise RunIsLiveError(f"the run is {run.state}; cancel it, and delete it once it has ended")
    sharing = sharing_run(session, run_id)
    if sharing is not None:
        raise RunIsSharedError(f"run {sharing} branched from this run and shares its stages; delete that run first")
    run.deleted_at = _mark_changed(session, run)


def restore(session: Session, run_id: str) -> RunDetail:
    """Take a run out of the bin; a run that was not deleted stays unchanged.

    Raises:
        NotFoundError: when there is no such run.
        RunIsSharedError: when it shares stages of another run that is deleted too.
    """
    run = lock_run(session, run_id)
    if run is None:
        raise NotFoundError("run", run_id)
    if run.deleted_at is not None:
        origin = deleted_origin(session, run)
        if origin is not None:
            raise RunIsSharedError(f"the run shares stages of run {origin}, which is deleted; restore that run first")
        run.deleted_at = None
        _mark_changed(session, run)
    return show(session, run_id)


def patch(session: Session, run_id: str, body: RunPatch, *, if_match: str | None) -> RunDetail:
    """Change what the body names of a run; raises NotFoundError."""
    run = _locked(session, run_id, if_match)
    changed = {name: value for name, value in body.model_dump(exclude_none=True).items() if getattr(run, name) != value}
    for name, value in changed.items():
        setattr(run, name, value)
    if changed:
        _mark_changed(session, run)
    return show(session, run_id)


def _details(session: Session, runs: Sequence[Run]) -> list[RunDetail]:
    times = run_times(session, [run.id for run in runs])
    places = queue_places(session, {run.id for run in runs if run.state == RunState.QUEUED})
    steps = last_steps(session, [run.id for run in runs])
    return [
        run_detail(run, times[run.id], places.get(run.id), steps.get(run.id), lineage_of(session, run)) for run in runs
    ]


def _locked(session: Session, run_id: str, if_match: str | None) -> Run:
    run = lock_run(session, run_id)
    if run is None or run.deleted_at is not None:
        raise NotFoundError("run", run_id)
    require_match(if_match, run.revision)
    return run


def _mark_changed(session: Session, run: Run) -> datetime:
    run.revision += 1
    run.changed_at = database_now(session)
    session.flush()
    return run.changed_at


def cancel(session: Session, run_id: str, *, cause: Cause) -> tuple[RunDetail, bool]:
    """Cancel a run; returns it, and whether anything changed. Raises NotFoundError and IllegalTransition."""
    try:
        _, is_changed = lifecycle.request_cancel(session, run_id, cause=cause)
    except lifecycle.UnknownRun as error:
        raise NotFoundError("run", run_id) from error
    return show(session, run_id), is_changed


def pause(session: Session, run_id: str, *, cause: Cause) -> tuple[RunDetail, bool]:
    """Pause a run; returns it, and whether anything changed. Raises the errors of `cancel`."""
    try:
        _, is_changed = lifecycle.request_pause(session, run_id, cause=cause)
    except lifecycle.UnknownRun as error:
        raise NotFoundError("run", run_id) from error
    return show(session, run_id), is_changed


def resume(session: Session, run_id: str, *, cause: Cause) -> tuple[RunDetail, bool]:
    """Continue a run; returns it, and whether anything changed. Raises the errors of `cancel`."""
    try:
        _, is_changed = lifecycle.resume_run(session, run_id, cause=cause)
    except lifecycle.UnknownRun as error:
        raise NotFoundError("run", run_id) from error
    return show(session, run_id), is_changed


def history(session: Session, run_id: str, *, cursor: str | None, limit: int) -> Page[TransitionEntry]:
    """Return one page of a run's transitions, with its stages' and attempts', oldest first; raises NotFoundError."""
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
