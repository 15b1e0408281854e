"""Experiments: immutable definitions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, new_id, utc_now


class Experiment(Base):
    """A checked document; only name, tags and notes may change."""

    __tablename__ = "experiment"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    method: Mapped[str] = mapped_column(index=True)
    preset: Mapped[str | None]
    preset_version: Mapped[int | None]
    document: Mapped[dict[str, Any]]
    """As submitted (EXP-4 a)."""
    resolved: Mapped[dict[str, Any]]
    """With every default filled in (EXP-4 b)."""
    digest: Mapped[str] = mapped_column(index=True)
    """SHA-256 of `resolved` in canonical JSON (EXP-4 c)."""
    deviations: Mapped[list[Any]]
    """Where the config leaves the published values: pointer, published, value."""
    plan: Mapped[list[Any]]
    """The stages, as `core.methods.base.StageSpec`."""
    tags: Mapped[list[Any]] = mapped_column(default=list)
    notes: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
