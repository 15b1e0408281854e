"""What a run's time was spent on, from the history of its stages' states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.models import Transition
from server.db.states import StageState
from server.schemas.runs import RunTimes

_SPENT_ON = {
    StageState.QUEUED.value: "waited",
    StageState.RETRY_WAIT.value: "waited",
    StageState.RUNNING.value: "computed",
    StageState.WAITING_ANNOTATION.value: "labelling",
}


def run_times(session: Session, run_ids: Sequence[str]) -> dict[str, RunTimes]:
    """Return the times of runs up to now."""
    columns = (Transition.run_id, Transition.subject_id, Transition.to_state, Transition.at)
    statement = select(*columns).where(Transition.run_id.in_(run_ids), Transition.subject == "stage")
    rows = session.execute(statement.order_by(Transition.run_id, Transition.subject_id, Transition.id)).all()
    now = database_now(session)
    times = {run_id: dict.fromkeys(_SPENT_ON.values(), 0.0) for run_id in run_ids}
    for (run_id, _), changes in groupby(rows, key=lambda row: (row.run_id, row.subject_id)):
        for state, seconds in _lengths([(row.to_state, row.at) for row in changes], now):
            if state in _SPENT_ON:
                times[run_id][_SPENT_ON[state]] += seconds
    return {run_id: RunTimes(**spent) for run_id, spent in times.items()}


def _lengths(changes: Sequence[tuple[str, datetime]], now: datetime) -> Iterable[tuple[str, float]]:
    """Return each state with the seconds until the next change; the last state lasts until now."""
    ends = [at for _, at in changes[1:]] + [now]
    return [(state, max(0.0, (end - at).total_seconds())) for (state, at), end in zip(changes, ends, strict=True)]
