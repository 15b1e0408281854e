"""Workers and their heartbeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, utc_now


class Worker(Base):
    """One worker process (REC-24)."""

    __tablename__ = "worker"

    id: Mapped[str] = mapped_column(primary_key=True)
    """`<name>@<host>:<pid>`."""
    host: Mapped[str]
    state: Mapped[str]
    """`idle`, `busy`, `draining` or `offline`; offline is derived from `last_seen_at`."""
    queues: Mapped[list[Any]]
    devices: Mapped[list[Any]]
    versions: Mapped[dict[str, Any]]
    stage_id: Mapped[str | None]
    dataset_id: Mapped[str | None]
    """The dataset that the worker scans while it has no stage."""
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
