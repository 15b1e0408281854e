"""The feed of a run, and its log lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, utc_now


class RunEvent(Base):
    """One message of a run's feed; `seq` is what browsers send back as `Last-Event-ID` (LIVE-2)."""

    __tablename__ = "run_event"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    type: Mapped[str]
    """`state`, `stage`, `metric`, `score`, `log`, `progress`, `artifact`, `memory`, `checkpoint`, `query`,
    `end` (LIVE-1)."""
    payload: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class LogLine(Base):
    """One line that an attempt printed or logged; unique on (attempt, number) (REC-15)."""

    __tablename__ = "log_line"
    __table_args__ = ({"sqlite_with_rowid": False},)

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    level: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utc_now)
