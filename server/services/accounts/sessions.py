"""Signing in and out (AUTH-2, AUTH-6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from server.auth.audit import NOBODY, Action, Origin, note
from server.auth.known import LONGEST_SESSION
from server.auth.limits import Buckets, Verdict
from server.auth.passwords import is_password
from server.auth.people import Person
from server.auth.secrets import digest, new_secret
from server.db.base import utc_now
from server.db.models import SignInLink, UserAccount, UserSession
from server.db.session import Database
from server.errors import RateLimitedError, UnauthenticatedError
from server.services.accounts.users import checked_hash, find, name_key, replace_password

WRONG = "name or password is wrong"
TRIES_PER_MINUTE = 5
TRIES_OF_ADDRESS_PER_MINUTE = 30
"""Limit over all names: it stops one password being tried on many accounts. A laboratory may share an address."""
TRIES_BEFORE_PAUSE = 10
PAUSE = timedelta(minutes=15)


@dataclass
class SignInLimits:
    """Limits on sign-in attempts."""

    of_name: Buckets = field(default_factory=lambda: Buckets(TRIES_PER_MINUTE))
    of_address: Buckets = field(default_factory=lambda: Buckets(TRIES_OF_ADDRESS_PER_MINUTE))

    def check(self, name: str, address: str) -> None:
        """Count one sign-in attempt; raises RateLimitedError."""
        for verdict in (self.of_address.take(address), self.of_name.take(f"{address} {name_key(name)}")):
            if not verdict.is_allowed:
                raise _too_often(verdict)


def sign_in(database: Database, limits: SignInLimits, name: str, password: str, origin: Origin) -> str:
    """Return the secret of a new session.

    Raises:
        UnauthenticatedError: when name and password do not match. An unknown name gives the same message after the
            same time.
        RateLimitedError: after too many tries.
    """
    limits.check(name, origin.address)
    with database.read() as session:
        user = session.scalar(select(UserAccount).where(UserAccount.name_key == name_key(name)))
    _require_no_pause(user)
    is_right = is_password(user.password_hash if user is not None else None, password)
    with database.write() as session:
        if user is not None and is_right and user.disabled_at is None:
            present = session.get_one(UserAccount, user.id)
            # The password may have been replaced while it was being checked.
            if present.password_hash == user.password_hash and present.disabled_at is None:
                present.failed_sign_ins, present.paused_until = 0, None
                return open_session(session, present, origin, "by password")
        _note_failure(session, user, name, origin)
    raise UnauthenticatedError(WRONG)


def sign_in_by_link(database: Database, limits: SignInLimits, secret: str, origin: Origin) -> str:
    """Return the secret of a new session; raises UnauthenticatedError for a link that was used or has expired."""
    limits.check("a link", origin.address)
    with database.write() as session:
        now = utc_now()
        valid = (SignInLink.secret_sha256 == digest(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        link = session.scalar(select(SignInLink).where(*valid).with_for_update())
        user = session.get(UserAccount, link.user_id) if link is not None else None
        if link is not None and user is not None and user.disabled_at is None:
            link.used_at = now
            return open_session(session, user, origin, "by a one-time link")
    raise UnauthenticatedError("this link was used before, or has expired; ask an admin for another one")


def make_link(session: Session, user: UserAccount, origin: Origin, lasts: timedelta) -> tuple[str, datetime]:
    """Return the secret of a single-use sign-in link, and its expiry."""
    secret, expires_at = new_secret(), utc_now() + lasts
    session.add(SignInLink(user_id=user.id, secret_sha256=digest(secret), expires_at=expires_at))
    note(session, origin, Action.LINK_CREATED, user.name)
    return secret, expires_at


def open_session(session: Session, user: UserAccount, origin: Origin, how: str) -> str:
    """Return the secret of a new session of an account."""
    secret = new_secret()
    session.add(UserSession(user_id=user.id, secret_sha256=digest(secret), expires_at=utc_now() + LONGEST_SESSION))
    note(session, origin, Action.SESSION_OPENED, user.name, how)
    return secret


def close_sessions(session: Session, person: Person, origin: Origin, *, everywhere: bool) -> int:
    """End the current session, or all sessions of the account; returns how many ended."""
    ended = delete(UserSession).where(UserSession.user_id == person.id)
    if not everywhere:
        ended = ended.where(UserSession.id == person.session_id)
    result = session.execute(ended)
    note(session, origin, Action.SESSION_CLOSED, person.name, "everywhere" if everywhere else "")
    return result.rowcount if isinstance(result, CursorResult) else 0


def change_own_password(database: Database, person: Person, present: str | None, new: str, origin: Origin) -> str:
    """Replace one's own password, end all sessions, and return the secret of a new one.

    Raises:
        UnauthenticatedError: when the current password is wrong.
        InvalidRequestError: when the new password is too weak.
    """
    with database.read() as session:
        stored = find(session, person.id).password_hash
    if stored is not None and not is_password(stored, present or ""):
        raise UnauthenticatedError("the present password is wrong")
    hashed = checked_hash(new, person.name, "/new")
    with database.write() as session:
        user = find(session, person.id)
        replace_password(session, origin, user, hashed)
        return open_session(session, user, origin, "after a new password")


def _require_no_pause(user: UserAccount | None) -> None:
    now = utc_now()
    if user is not None and user.paused_until is not None and user.paused_until > now:
        wait_s = int((user.paused_until - now).total_seconds()) + 1
        words = f"too many wrong passwords for this account; try again in {wait_s} s, or ask an admin for a link"
        raise RateLimitedError(words, headers={"Retry-After": str(wait_s)})


def _note_failure(session: Session, user: UserAccount | None, name: str, origin: Origin) -> None:
    note(session, Origin(NOBODY, origin.address, origin.request_id), Action.SESSION_REFUSED, name[:64])
    if user is None:
        return
    # Count in the database, so that simultaneous attempts all count.
    counted = update(UserAccount).where(UserAccount.id == user.id)
    session.execute(counted.values(failed_sign_ins=UserAccount.failed_sign_ins + 1))
    tries = session.scalar(select(UserAccount.failed_sign_ins).where(UserAccount.id == user.id))
    if tries is not None and tries >= TRIES_BEFORE_PAUSE:
        session.execute(counted.values(failed_sign_ins=0, paused_until=utc_now() + PAUSE))
        note(session, origin, Action.ACCOUNT_PAUSED, user.name, f"{tries} wrong passwords")


def _too_often(verdict: Verdict) -> RateLimitedError:
    words = f"signing in was tried too often; try again in {verdict.retry_after_s} s"
    return RateLimitedError(words, headers=verdict.headers())
