"""Reference experiments of task streams (MET-10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, utc_now


class StreamReference(Base):
    """The experiment whose scores are a bound of a stream; at most one a role."""

    __tablename__ = "stream_reference"

    stream_digest: Mapped[str] = mapped_column(primary_key=True)
    """See `server.services.results.stream_identity`."""
    role: Mapped[str] = mapped_column(primary_key=True)
    """`joint` or `fine_tuning`."""
    experiment_digest: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
