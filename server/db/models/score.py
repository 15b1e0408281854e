"""Curves and evaluations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db.base import Base, BigId, new_id, utc_now

Content = bytes
"""Content of a file."""


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
    """None if `special` holds the value."""
    special: Mapped[str | None]
    """`NaN`, `Infinity` or `-Infinity` (MET-1), which not every database stores as numbers."""
    is_hidden: Mapped[bool] = mapped_column(default=False)
    """True once a newer attempt resumed from an earlier iteration (MET-2)."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SeriesSummary(Base):
    """Last and best value of a run's key, updated in the transaction that writes the points (MET-4)."""

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
    """One test of a stage's model: (stage, step, domain, split), with scores and further records (MET-6)."""

    __tablename__ = "evaluation"
    __table_args__ = (
        UniqueConstraint("stage_id", "step", "domain", "split"),
        # SQL treats NULL domains as different, so rows without a domain have their own key.
        Index(
            "uq_evaluation_without_domain",
            "stage_id",
            "step",
            "split",
            unique=True,
            sqlite_where=text("domain IS NULL"),
            postgresql_where=text("domain IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    attempt_number: Mapped[int]
    split: Mapped[str]
    domain: Mapped[str | None]
    """None if the split has one domain, or the scores cover all domains together."""
    step: Mapped[int]
    iteration: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(default=utc_now)

    records: Mapped[list[EvaluationRecord]] = relationship(
        order_by="EvaluationRecord.kind", cascade="all, delete-orphan", passive_deletes=True
    )


class EvaluationRecord(Base):
    """A file of an evaluation, such as its confusion matrix; one per kind, identified by its digest."""

    __tablename__ = "evaluation_record"

    evaluation_id: Mapped[str] = mapped_column(ForeignKey("evaluation.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    """File name, with the suffix of its format."""
    sha256: Mapped[str] = mapped_column(index=True)
    bytes: Mapped[int] = mapped_column(BigId)
    channels: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """For a confusion matrix: raw class id of each row and column; the background is -1."""
    content: Mapped[Content | None] = mapped_column(deferred=True)
    """None if the file is large and therefore in storage under its digest."""


class Score(Base):
    """One number of an evaluation, for one class, one group, or overall."""

    __tablename__ = "score"
    __table_args__ = (
        # A score is for one class, one group, or overall; SQL treats NULLs as different, so each case has its own key.
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
