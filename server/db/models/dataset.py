"""Registered datasets and what their last scan found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, new_id, utc_now


class Dataset(Base):
    """A dataset under a name (DS-1); its files stay where they are.

    Its images are no rows: a table of them would take, for 100,000 images with their classes, a million inserts in one
    transaction, while every run waits for SQLite's write lock. They lie in one stored file (`core.data.image_index`),
    which a rescan replaces whole by changing one column; a page by class out of 100,000 images is read in milliseconds.
    """

    __tablename__ = "dataset"
    __table_args__ = (Index("ix_dataset_state_sent_at", "state", "sent_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    spec: Mapped[dict[str, Any]]
    """As an experiment document names it."""
    state: Mapped[str]
    """`scanning`, `ready`, `faulty` or `failed`; see `server.db.dataset_scans`."""
    message: Mapped[str | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`core.data.report.DataReport` of the last scan, with the first faults of each kind."""
    index_sha256: Mapped[str | None]
    """The stored `core.data.image_index.ImageIndex` of the last scan."""
    digest: Mapped[str | None]
    scan_no: Mapped[int] = mapped_column(default=1)
    """Rises with every scan that is asked for."""
    claims: Mapped[int] = mapped_column(default=0)
    """How many workers have taken the present scan; the last of them has it (its fencing token)."""
    worker_id: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    """Last time that the message of the present scan was published; None = not yet."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    scanned_at: Mapped[datetime | None]
