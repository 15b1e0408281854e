"""Exports and imports of answers in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, new_id, utc_now


class ExchangeTask(Base):
    """One export or import; its state is `queued`, `running`, `succeeded` or `failed`."""

    __tablename__ = "exchange_task"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    stage_id: Mapped[str] = mapped_column(ForeignKey("stage.id", ondelete="CASCADE"), index=True)
    """The `label` stage."""
    kind: Mapped[str]
    """`export` or `import`."""
    author: Mapped[str]
    state: Mapped[str]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Number of answers or files; 0 = not counted yet."""
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    """Last heartbeat of the task's thread; a task that is silent for long has died with its process."""
    finished_at: Mapped[datetime | None]
