"""Answers of requests that were sent under a key, so that repeating one changes nothing (API-6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, utc_now


class IdempotencyKey(Base):
    """The first answer to a request under its key, stored in the transaction of its effect."""

    __tablename__ = "idempotency_key"

    principal: Mapped[str] = mapped_column(primary_key=True)
    """Id of the account that asked; `local` without accounts."""
    operation: Mapped[str] = mapped_column(primary_key=True)
    """Method and path."""
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    """Digest of the body and query: another request under the same key is refused."""
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
