"""Experiments: immutable definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db.base import Base, new_id, utc_now


class Experiment(Base):
    """A checked document; only name, tags and notes may change."""

    __tablename__ = "experiment"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(index=True)
    method: Mapped[str] = mapped_column(index=True)
    dataset: Mapped[str] = mapped_column(default="", index=True)
    """Short name of the dataset, for lists and their filters."""
    stream: Mapped[str] = mapped_column(default="")
    """The task stream in a few words, such as `6 classes, 2-2-2`."""
    preset: Mapped[str | None]
    preset_version: Mapped[int | None]
    document: Mapped[dict[str, Any]]
    """The document as submitted (EXP-4 a)."""
    resolved: Mapped[dict[str, Any]]
    """The document with every default filled in (EXP-4 b)."""
    digest: Mapped[str] = mapped_column(index=True)
    """SHA-256 of `resolved` in canonical JSON (EXP-4 c)."""
    deviations: Mapped[list[Any]]
    """Settings that differ from the published values: pointer, published, value."""
    plan: Mapped[list[Any]]
    """The stages, as `core.stage.spec.StageSpec`."""
    class_table: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`DatasetClasses` at creation, so that class names stay when the dataset moves."""
    notes: Mapped[str] = mapped_column(default="")
    cloned_from: Mapped[str | None] = mapped_column(ForeignKey("experiment.id", ondelete="SET NULL"))
    """The experiment that this one was cloned from (EXP-18)."""
    tests_stage_id: Mapped[str | None] = mapped_column(index=True)
    """The stage whose trained model this experiment tests. No foreign key: runs of that stage's experiment refer to
    experiments, and tables must have an order."""
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    tags: Mapped[list[Tag]] = relationship(order_by="Tag.key", cascade="all, delete-orphan")


class Tag(Base):
    """One tag of an experiment: a key, or a key with a value (EXP-12)."""

    __tablename__ = "tag"
    __table_args__ = (Index("ix_tag_key_value", "key", "value"),)

    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiment.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str | None]

    @property
    def text(self) -> str:
        """The tag as text: `key` or `key=value`."""
        return self.key if self.value is None else f"{self.key}={self.value}"
