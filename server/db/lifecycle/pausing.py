"""A person's request to pause a run. Repeating it changes nothing (SM-6)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from server.db.lifecycle.advance import DONE_STAGE_STATES, pause
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_stages
from server.db.lifecycle.moves import IllegalTransition, is_repeated
from server.db.lifecycle.requests import locked, note
from server.db.models import Run
from server.db.states import RunState

PAUSED_AT_ONCE = frozenset({RunState.QUEUED, RunState.WAITING})


def request_pause(session: Session, run_id: str, *, cause: Cause) -> tuple[Run, bool]:
    """Pause a run: at once if no worker works on it; otherwise its worker stops at the next checkpoint.

    Returns:
        The run, and whether anything changed.

    Raises:
        UnknownRun: if there is no such run.
        IllegalTransition: if the run is a draft, is being cancelled, or has ended.
    """
    run = locked(session, run_id)
    if run.state == RunState.PAUSED or run.is_pausing or is_repeated(session, cause):
        return run, False
    if run.state != RunState.RUNNING:
        if run.state not in PAUSED_AT_ONCE:
            raise IllegalTransition("run", run.state, RunState.PAUSED)
        following = next(stage for stage in lock_stages(session, run) if stage.state not in DONE_STAGE_STATES)
        pause(session, run, following, cause)
        return run, True
    run.is_pausing = True
    note(session, run, replace(cause, message="asked to pause at the next checkpoint"))
    return run, True
