"""Curves and evaluations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now


class SeriesPoint(Base):
    """One point of a curve; unique on (run, key, stage, iteration, attempt) (REC-15)."""

    __tablename__ = "series_point"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    stage_index: Mapped[int] = mapped_column(primary_key=True)
    iteration: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    attempt_number: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    """None where `special` says what it was."""
    special: Mapped[str | None]
    """`NaN`, `Infinity` or `-Infinity` (MET-1): not every database stores them."""
    is_hidden: Mapped[bool] = mapped_column(default=False)
    """True once a newer attempt went on from an earlier iteration (MET-2)."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SeriesSummary(Base):
    """Last and best value of a key of a run, kept in the transaction that writes the points (MET-4)."""

    __tablename__ = "series_summary"

    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    direction: Mapped[str]
    """`min` or `max`: which value is best."""
    count: Mapped[int] = mapped_column(BigId)
    last_value: Mapped[float | None]
    last_stage_index: Mapped[int]
    last_iteration: Mapped[int] = mapped_column(BigId)
    best_value: Mapped[float | None]
    best_stage_index: Mapped[int | None]
    best_iteration: Mapped[int | None] = mapped_column(BigId)


class Evaluation(Base):
    """One test of a stage's model, with its confusion matrix: all scores can be derived from it again (MET-6)."""

    __tablename__ = "evaluation"
    __table_args__ = (UniqueConstraint("stage_id", "split", "step"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    attempt_number: Mapped[int]
    split: Mapped[str]
    step: Mapped[int]
    iteration: Mapped[int] = mapped_column(BigId)
    channels: Mapped[list[Any]]
    """Raw class id of each row and column; the background is -1."""
    confusion: Mapped[bytes]
    """zlib-compressed little-endian int64, rows = ground truth."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Score(Base):
    """One number of an evaluation, for one class, one group, or over all."""

    __tablename__ = "score"
    __table_args__ = (
        # A score is over one class, one group, or all; absent values count as different, so each case has its own key.
        UniqueConstraint("evaluation_id", "metric", "class_id"),
        UniqueConstraint("evaluation_id", "metric", "group"),
        Index(
            "uq_score_all",
            "evaluation_id",
            "metric",
            unique=True,
            sqlite_where=text('class_id IS NULL AND "group" IS NULL'),
            postgresql_where=text('class_id IS NULL AND "group" IS NULL'),
        ),
        Index("ix_score_run_id_metric", "run_id", "metric"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    step: Mapped[int]
    metric: Mapped[str]
    class_id: Mapped[int | None]
    group: Mapped[str | None]
    value: Mapped[float | None]
