"""The feed of a run: events after a sequence number, and the state to start from (LIVE-1, LIVE-2, LIVE-5)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.feed import events_after
from server.db.models import Run, RunEvent
from server.db.states import TERMINAL_RUN_STATES
from server.errors import NotFoundError
from server.schemas.events import FeedEvent, FeedPage, Snapshot
from server.services.runs import runs

_TERMINAL = frozenset(state.value for state in TERMINAL_RUN_STATES)


@dataclass(frozen=True)
class Head:
    """Position of the end of a run's feed.

    Attributes:
        seq: number of the last event.
        is_over: whether the run is in a terminal state, so that nothing follows unless a person resumes it.
    """

    seq: int
    is_over: bool


def head(session: Session, run_id: str) -> Head:
    """Return the head of a run's feed; raises NotFoundError."""
    found = heads(session, [run_id])
    if run_id not in found:
        raise NotFoundError("run", run_id)
    return found[run_id]


def heads(session: Session, run_ids: list[str]) -> dict[str, Head]:
    """Return the heads of several feeds with one SQL query, without unknown and deleted runs."""
    statement = select(Run.id, Run.event_seq, Run.state).where(Run.id.in_(run_ids), Run.deleted_at.is_(None))
    return {run_id: Head(seq, state in _TERMINAL) for run_id, seq, state in session.execute(statement)}


def snapshot(session: Session, run_id: str) -> Snapshot:
    """Return a run's current state, and the number of the last event it surely includes; raises NotFoundError.

    The number is read first: on PostgreSQL the state may be newer, and receiving a change twice is harmless.
    """
    seq = head(session, run_id).seq
    return Snapshot(seq=seq, run=runs.show(session, run_id))


def page(session: Session, run_id: str, *, after: int, limit: int) -> FeedPage:
    """Return events after a number, in order; raises NotFoundError.

    If the next event is no longer kept, or the run never had this number, `reset` holds the current state and the
    feed continues after it.
    """
    at = head(session, run_id)
    events = events_after(session, run_id, after, limit)
    if is_broken(after, at, events[0].seq if events else None):
        reset = snapshot(session, run_id)
        return FeedPage(items=[], next_after=reset.seq, reset=reset, is_end=at.is_over)
    last = events[-1].seq if events else after
    return FeedPage(
        items=[FeedEvent.model_validate(event) for event in events],
        next_after=last,
        is_end=at.is_over and last >= at.seq,
    )


def is_broken(after: int, at: Head, next_seq: int | None) -> bool:
    """Return whether events are missing between `after`, the reader's last event, and `next_seq`."""
    if next_seq is None:
        return after != at.seq
    return next_seq != after + 1


def end_event(session: Session, run_id: str) -> RunEvent | None:
    """Return the last `end` event of a run; None if it is no longer kept."""
    statement = select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.type == "end")
    return session.scalars(statement.order_by(RunEvent.seq.desc()).limit(1)).first()
