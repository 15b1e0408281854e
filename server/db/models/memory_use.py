"""The use of the replay memory: its snapshots, and a stage's pastes from the previous snapshot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId


class MemorySnapshot(Base):
    """Facts about the memory after one stage; the items are in `MemoryItem`."""

    __tablename__ = "memory_snapshot"

    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    budget: Mapped[int]
    """Maximum number of items."""
    seen_classes: Mapped[list[Any]]
    """Raw ids of the classes that share the budget."""
    warnings: Mapped[list[Any]]
    """Warnings from the choice of the items."""


class MemoryDraw(Base):
    """Number of times one stage pasted one item of its input memory."""

    __tablename__ = "memory_draw"
    __table_args__ = (
        UniqueConstraint("stage_id", "item_id"),
        Index("ix_memory_draw_run_item", "run_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    item_id: Mapped[str]
    times: Mapped[int] = mapped_column(BigId)


class MemoryPaste(Base):
    """One example of a paste; a resumed stage has the examples since its last checkpoint."""

    __tablename__ = "memory_paste"
    __table_args__ = (Index("ix_memory_paste_run_item", "run_id", "item_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[str]
    """Stable id of the pasted instance."""
    source: Mapped[str]
    """Id of the training image."""
    box: Mapped[list[Any]]
    """x0, y0, x1, y1 of the instance in the training image; the far corner is exclusive."""
    image_size: Mapped[list[Any]]
    """Width and height of the training image; the picture may be smaller."""
    lam: Mapped[float]
    """λ, the weight of the instance relative to the image."""
    picture_sha256: Mapped[str]
