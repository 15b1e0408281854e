"""People with accounts, their sessions and tokens, and the log of changes to accounts (AUTH-1 to AUTH-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now


class UserAccount(Base):
    """Somebody who may sign in."""

    __tablename__ = "user_account"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    """Stands beside answers, and in the history of what was changed."""
    name_key: Mapped[str] = mapped_column(unique=True)
    """The name as it is compared: in one Unicode form, and without regard to case."""
    role: Mapped[str]
    """`admin`, `researcher` or `annotator`."""
    password_hash: Mapped[str | None]
    """Argon2id; None = only a one-time link leads in."""
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    """Since the last one that succeeded, or the last pause."""
    paused_until: Mapped[datetime | None]
    """After too many of them; nobody signs in before that."""
    disabled_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class UserSession(Base):
    """A browser that is signed in; the cookie's secret is not stored, only its SHA-256."""

    __tablename__ = "user_session"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    """However much it is used."""


class ApiToken(Base):
    """A token of a script; it is shown once, and only its SHA-256 is stored."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    """Of `read`, `write`, `annotate` and `admin`."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """To within some minutes."""
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A link that signs in once; only the SHA-256 of its secret is stored."""

    __tablename__ = "sign_in_link"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """What was done about accounts, by whom; rows are only ever added."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_user_name_id", "user_name", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    actor: Mapped[str]
    """`user:<name>`, `command:<name of the machine's user>` or `nobody`."""
    action: Mapped[str]
    """Such as `session.opened`; see `server.auth.audit`."""
    user_name: Mapped[str]
    """Whose account it is about; not a reference, so that the row outlives everything."""
    detail: Mapped[str]
    address: Mapped[str]
    """Where the request came from; empty for commands."""
    request_id: Mapped[str]
