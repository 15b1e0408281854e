"""Look up the owner of a secret in the database, and cache it briefly so that most requests cost no SQL query."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.auth.people import Person
from server.auth.secrets import digest, is_token
from server.db.base import utc_now
from server.db.models import ApiToken, SignInLink, UserAccount, UserSession
from server.db.session import Database

REMEMBERED_S = 3.0
"""Cache time, during which a sign-out in another process goes unnoticed (AUTH-3: at most 5 s)."""
IDLE_LIMIT = timedelta(hours=12)
LONGEST_SESSION = timedelta(days=7)
NOTED_EVERY = timedelta(minutes=5)
"""Minimum interval between updates of a session's or token's last use."""
_MOST_REMEMBERED = 10_000


class KnownPeople:
    """Finds the owner of a token or a browser's cookie.

    Args:
        database: database with the accounts.
        clock: monotonic clock in seconds.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[str, tuple[Person, float]] = {}

    def remembered(self, secret: str) -> Person | None:
        """Return the cached owner of a secret, or None; never waits."""
        found = self._found.get(digest(secret))
        return found[0] if found is not None and self._clock() < found[1] else None

    def look_up(self, secret: str) -> Person | None:
        """Return the owner of a secret; None if it is unknown, expired or revoked."""
        key = digest(secret)
        until = self._clock() + REMEMBERED_S
        with self._database.read() as session:
            found, stale = _token(session, key) if is_token(secret) else _session(session, key)
        if found is None:
            return None
        if stale:
            self._note_use(found)
        with self._lock:
            while len(self._found) >= _MOST_REMEMBERED:
                del self._found[next(iter(self._found))]
            self._found[key] = (found, until)
        return found

    def forget(self) -> None:
        """Clear the cache after a change to accounts."""
        with self._lock:
            self._found.clear()

    def _note_use(self, person: Person) -> None:
        with self._database.write() as session:
            if person.token_id is not None:
                session.execute(update(ApiToken).where(ApiToken.id == person.token_id).values(last_used_at=utc_now()))
            else:
                used = update(UserSession).where(UserSession.id == person.session_id)
                session.execute(used.values(last_seen_at=utc_now()))


def forget_expired(session: Session) -> None:
    """Delete expired sessions and links."""
    now = utc_now()
    session.execute(delete(UserSession).where(UserSession.expires_at < now))
    session.execute(delete(SignInLink).where(SignInLink.expires_at < now))


def _token(session: Session, key: str) -> tuple[Person | None, bool]:
    now = utc_now()
    statement = (
        select(UserAccount.id, UserAccount.name, UserAccount.role, ApiToken.id, ApiToken.scopes, ApiToken.last_used_at)
        .join(ApiToken, ApiToken.user_id == UserAccount.id)
        .where(ApiToken.secret_sha256 == key, UserAccount.disabled_at.is_(None))
        .where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None, False
    *user, token_id, scopes, used_at = row
    person = Person.of_token(_user(user), token_id, scopes)
    return person, used_at is None or used_at < now - NOTED_EVERY


def _session(session: Session, key: str) -> tuple[Person | None, bool]:
    now = utc_now()
    statement = (
        select(UserAccount.id, UserAccount.name, UserAccount.role, UserSession.id, UserSession.last_seen_at)
        .join(UserSession, UserSession.user_id == UserAccount.id)
        .where(UserSession.secret_sha256 == key, UserAccount.disabled_at.is_(None))
        .where(UserSession.expires_at > now, UserSession.last_seen_at > now - IDLE_LIMIT)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None, False
    *user, session_id, seen_at = row
    return Person.of_session(_user(user), session_id), seen_at < now - NOTED_EVERY


def _user(found: Sequence[str]) -> tuple[str, str, str]:
    user_id, name, role = found
    return user_id, name, role
