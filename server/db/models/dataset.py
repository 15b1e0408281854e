"""Registered datasets and the results of their last scans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, new_id, utc_now


class Dataset(Base):
    """A named dataset (DS-1); its files stay in their folder.

    Images are not rows: for 100,000 images with their classes, a table would need a million inserts in one transaction,
    while every run waits for SQLite's write lock. They are in one stored file (`core.data.image_index`), which a rescan
    replaces by changing one column. A page by class out of 100,000 images is read in milliseconds.
    """

    __tablename__ = "dataset"
    __table_args__ = (Index("ix_dataset_state", "state"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    spec: Mapped[dict[str, Any]]
    """Spec of the dataset, in the form of an experiment document."""
    state: Mapped[str]
    """`scanning`, `ready`, `faulty` or `failed`; see `server.db.dataset_scans`."""
    message: Mapped[str | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """`core.data.report.DataReport` of the last scan, with the first faults of each kind."""
    index_sha256: Mapped[str | None]
    """The stored `core.data.image_index.ImageIndex` of the last scan."""
    digest: Mapped[str | None]
    scan_no: Mapped[int] = mapped_column(default=1)
    """Rises with every requested scan."""
    claims: Mapped[int] = mapped_column(default=0)
    """Number of claims on the current scan; the last claimant holds it (fencing token)."""
    worker_id: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    scanned_at: Mapped[datetime | None]
