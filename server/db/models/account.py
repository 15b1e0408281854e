"""People with accounts, their sessions and tokens, and the log of changes to accounts (AUTH-1 to AUTH-4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base, BigId, new_id, utc_now


class UserAccount(Base):
    """A person who may sign in."""

    __tablename__ = "user_account"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    """Shown with answers and in histories."""
    name_key: Mapped[str] = mapped_column(unique=True)
    """The name in the form used for comparison: one Unicode form, case folded."""
    role: Mapped[str]
    """`admin`, `researcher` or `annotator`."""
    password_hash: Mapped[str | None]
    """Argon2id hash; None = the person can sign in only by a one-time link."""
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    """Failed sign-ins since the last success or the last pause."""
    paused_until: Mapped[datetime | None]
    """End of the pause after too many failures; sign-in is refused until then."""
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
    """Expiry, independent of use."""


class ApiToken(Base):
    """A token of a script; it is shown once, and only its SHA-256 is stored."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    """Some of `read`, `write`, `annotate` and `admin`."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """Time of the last use, accurate to some minutes."""
    revoked_at: Mapped[datetime | None]


class SignInLink(Base):
    """A single-use sign-in link; only the SHA-256 of its secret is stored."""

    __tablename__ = "sign_in_link"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    secret_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class AuditEntry(Base):
    """One action on an account and its author; rows are only added."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_user_name_id", "user_name", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    actor: Mapped[str]
    """`user:<name>`, `command:<name of the machine's user>` or `nobody`."""
    action: Mapped[str]
    """Action, such as `session.opened`; see `server.auth.audit`."""
    user_name: Mapped[str]
    """Name of the account; not a foreign key, so that the row outlives the account."""
    detail: Mapped[str]
    address: Mapped[str]
    """Network address of the request; empty for commands."""
    request_id: Mapped[str]
