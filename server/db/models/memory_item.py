"""The replay memory after each stage."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId


class MemoryItem(Base):
    """One stored instance in the snapshot of one stage (MEM-1)."""

    __tablename__ = "memory_item"
    __table_args__ = (
        UniqueConstraint("stage_id", "item_id"),
        Index("ix_memory_item_stage_class", "stage_id", "class_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    item_id: Mapped[str]
    """Stable id of the instance: the same in every snapshot that holds it."""
    class_id: Mapped[int]
    """Raw id of the class that the instance was stored for."""
    classes: Mapped[list[Any]]
    source: Mapped[str]
    """Id of the source image."""
    box: Mapped[list[Any]]
    """x0, y0, x1, y1 in pixels of the source image; the far corner is exclusive."""
    image_size: Mapped[list[Any]]
    """Width and height of the source image."""
    area: Mapped[int] = mapped_column(BigId)
    """Number of pixels of that class."""
    step_added: Mapped[int]
    rank: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigId)
    """Size of the crop and label."""
    times_drawn: Mapped[int] = mapped_column(BigId)
    """Number of pastes in all stages up to this one."""
    crop_sha256: Mapped[str]
    label_sha256: Mapped[str]
    thumbnail_sha256: Mapped[str]
    source_sha256: Mapped[str]
    """Reduced JPEG of the whole source image."""
