"""Outbox of queue messages, the history of transitions, and the scheduler's lock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, utc_now


class Dispatch(Base):
    """A message to send: written with the transition to `queued`, published after the commit (REC-1)."""

    __tablename__ = "dispatch"
    __table_args__ = (Index("ix_dispatch_sent_at_created_at", "sent_at", "created_at"),)

    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True)
    dispatch_no: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    sent_at: Mapped[datetime | None]
    """Last time that the message was published; None = not yet."""
    times_sent: Mapped[int] = mapped_column(default=0)


class Transition(Base):
    """One change of state (SM-2); the rows of a subject reproduce its current state."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_subject_id", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str]
    """`run`, `stage` or `attempt`."""
    subject_id: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    cause: Mapped[str]
    """`user:<name>`, `worker:<id>`, `reaper`, `dispatcher`, `system`."""
    reason: Mapped[str | None]
    message: Mapped[str | None]
    transition_id: Mapped[str | None] = mapped_column(unique=True)
    """Given by a caller that may repeat itself (SM-3)."""
    request_id: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SchedulerLock(Base):
    """The scheduler that may act, and until when; one row per duty."""

    __tablename__ = "scheduler_lock"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
