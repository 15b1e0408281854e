"""The feed of a run: numbered without gaps, in the order of the commits (LIVE-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from server.db.clock import DatabaseTime
from server.db.models import Run, RunEvent


def append_event(session: Session, run_id: str, type: str, payload: Mapping[str, Any]) -> int:
    """Append one event and return its sequence number."""
    return append_events(session, run_id, [(type, payload)])


def append_events(session: Session, run_id: str, events: Sequence[tuple[str, Mapping[str, Any]]]) -> int:
    """Append (type, payload) pairs in order and return the sequence number of the last.

    The same transaction raises the run's counter and holds the run's row until it commits. So no number is given twice,
    no rollback leaves a gap, and a reader never sees a number before a smaller one.

    Raises:
        LookupError: if there is no such run.
    """
    raised = update(Run).where(Run.id == run_id).returning(Run.event_seq, Run.changed_at)
    raised = raised.values(event_seq=Run.event_seq + len(events), changed_at=DatabaseTime())
    found = session.execute(raised.execution_options(synchronize_session=False)).one_or_none()
    if found is None:
        raise LookupError(f"run {run_id} does not exist")
    last, now = found
    loaded = session.identity_map.get(identity_key(Run, run_id))
    if loaded is not None:
        set_committed_value(loaded, "event_seq", last)
    first = last - len(events) + 1
    rows = [
        {"run_id": run_id, "seq": seq, "type": kind, "payload": dict(payload), "at": now}
        for seq, (kind, payload) in enumerate(events, start=first)
    ]
    if rows:
        session.execute(insert(RunEvent), rows)
    return last


def events_after(session: Session, run_id: str, after: int, limit: int) -> Sequence[RunEvent]:
    """Return at most `limit` events of a run with a sequence number above `after`, in order."""
    statement = select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.seq > after).order_by(RunEvent.seq)
    return session.scalars(statement.limit(limit)).all()
