"""Assignments of people to queries, their comments, and the agreement of their answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now


class Assignment(Base):
    """One person's assignment to one query; its state is one of `AssignmentState`."""

    __tablename__ = "assignment"
    __table_args__ = (Index("ix_assignment_stage_author_state", "stage_id", "author", "state"),)

    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    state: Mapped[str]
    lease_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    """Version of the person's newest answer; 0 = none."""
    reason: Mapped[str | None]
    """Reason for skipping the query."""
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class QueryComment(Base):
    """A comment on a query, or on a point of it (ANN-19)."""

    __tablename__ = "query_comment"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), index=True)
    author: Mapped[str]
    text: Mapped[str]
    x: Mapped[int | None]
    y: Mapped[int | None]
    """Column and row of the point; None = the whole query."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]


class Agreement(Base):
    """Agreement of two people's independent answers to one query, over queried pixels (QA-2)."""

    __tablename__ = "agreement"

    query_id: Mapped[str] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    first: Mapped[str] = mapped_column(primary_key=True)
    second: Mapped[str] = mapped_column(primary_key=True)
    """Names of the two people; the first sorts before the second."""
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    pixels: Mapped[int] = mapped_column(BigId)
    classes: Mapped[dict[str, Any]]
    """Raw id -> pixels with that id in the first answer, the second, and both; includes the ignore id."""
