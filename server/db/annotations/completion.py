"""Completion of a round, which then closes by itself (AL-4), and its deadline (AL-5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.db.annotations.rounds import announce, lock_round
from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import record_remark
from server.db.models import QueryBatch, Stage
from server.db.states import UNANSWERED_QUERY_STATES, QueryState


def is_complete(batch: QueryBatch, counts: Mapping[str, int], now: datetime) -> bool:
    """Whether a round is complete.

    A round is complete once it has an accepted answer, and no query is open, or the wanted share is accepted, or the
    deadline is over. A round without queries is complete.
    """
    total, accepted = sum(counts.values()), counts[QueryState.ACCEPTED]
    if not total:
        return True
    is_done = not any(counts[state] for state in UNANSWERED_QUERY_STATES)
    # Use a quotient, because a decimal share times a number may end slightly above a whole number.
    is_enough = accepted / total >= batch.share
    is_over = batch.deadline is not None and batch.deadline <= now
    return accepted > 0 and (is_done or is_enough or is_over)


def closing_time(batch: QueryBatch, counts: Mapping[str, int], now: datetime) -> datetime | None:
    """Return when a waiting round closes by itself, judged at `now`; the time may be past.

    A complete round waits `grace_s` after its last answer. None for an incomplete round, and for a round that was
    complete when it was reopened, which closes only by hand.
    """
    if batch.closes_by_hand or not is_complete(batch, counts, now):
        return None
    return batch.open_until or now


def closes_by_itself(batch: QueryBatch, counts: Mapping[str, int], now: datetime) -> bool:
    """Whether a waiting round is to be closed now."""
    due = closing_time(batch, counts, now)
    return due is not None and due <= now


def begin_grace(batch: QueryBatch, now: datetime) -> None:
    """Start the grace time after an answer or skip, which can be undone for `grace_s` from now."""
    batch.open_until = now + timedelta(seconds=batch.grace_s)


def extend_round(session: Session, stage_id: str, deadline_hours: float | None, *, cause: Cause) -> Stage:
    """Set a round's deadline in hours from now; None removes the deadline.

    Raises:
        UnknownRound: if the stage has no queries.
        RoundClosed: if it does not wait for people.
    """
    label_round = lock_round(session, stage_id)
    label_round.require_waiting()
    stage = label_round.stage
    hours = timedelta(hours=deadline_hours) if deadline_hours is not None else None
    label_round.batch.deadline = database_now(session) + hours if hours is not None else None
    until = f"the deadline is in {deadline_hours:g} hours" if deadline_hours is not None else "there is no deadline"
    record_remark(session, stage, stage.run_id, cause.follow_up("extended", until))
    announce(session, stage)
    return stage
