"""Files that stages leave behind; bytes live in storage under their SHA-256."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now


class Artifact(Base):
    """A named, immutable file of a stage."""

    __tablename__ = "artifact"
    __table_args__ = (UniqueConstraint("stage_id", "name"), Index("ix_artifact_sha256", "sha256"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), index=True)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"))
    attempt_number: Mapped[int]
    name: Mapped[str]
    """Relative path of plain segments (ART-4); never used as a path on disk."""
    kind: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Checkpoint(Base):
    """A resumable state of a stage; the newest two and the stage's end are kept (REC-16)."""

    __tablename__ = "checkpoint"
    __table_args__ = (UniqueConstraint("stage_id", "attempt_number", "iteration"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    attempt_number: Mapped[int]
    fencing_token: Mapped[int]
    iteration: Mapped[int] = mapped_column(BigId)
    files: Mapped[dict[str, Any]]
    """File name -> SHA-256."""
    bytes: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
