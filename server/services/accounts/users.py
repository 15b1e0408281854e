"""Create, change and list accounts; the last admin stays an admin."""

from __future__ import annotations

import unicodedata

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.auth.audit import Action, Origin, note
from server.auth.passwords import hash_password, password_fault
from server.auth.roles import Role
from server.db.base import utc_now
from server.db.models import ApiToken, UserAccount, UserSession
from server.db.session import Database
from server.errors import InvalidRequestError, LastAdminError, NameTakenError, NotFoundError
from server.schemas.accounts import UserPatch, UserSummary
from server.schemas.page import Page
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.revisions import require_match


def name_key(name: str) -> str:
    """Return the form in which names are compared."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def find(session: Session, user_id: str) -> UserAccount:
    """Return an account; raises NotFoundError."""
    user = session.get(UserAccount, user_id)
    if user is None:
        raise NotFoundError("user", user_id)
    return user


def find_named(session: Session, name: str) -> UserAccount:
    """Return the account with a name; raises NotFoundError."""
    user = session.scalar(select(UserAccount).where(UserAccount.name_key == name_key(name)))
    if user is None:
        raise NotFoundError("user", name)
    return user


def first_admin(session: Session) -> str | None:
    """Return the first admin by name; None if there is none."""
    is_admin = (UserAccount.role == Role.ADMIN.value, UserAccount.disabled_at.is_(None))
    return session.scalars(select(UserAccount.name).where(*is_admin).order_by(UserAccount.name_key)).first()


def create(session: Session, origin: Origin, name: str, role: Role, password_hash: str | None) -> UserAccount:
    """Create an account; raises NameTakenError."""
    key = name_key(name)
    if session.scalar(select(UserAccount.id).where(UserAccount.name_key == key)) is not None:
        raise NameTakenError(f"there is a user {name!r} already; choose another name")
    user = UserAccount(name=name.strip(), name_key=key, role=role.value, password_hash=password_hash)
    session.add(user)
    session.flush()
    note(session, origin, Action.USER_CREATED, user.name, role.value)
    return user


def checked_hash(password: str, user_name: str, pointer: str = "/password") -> str:
    """Return the hash of a new password; raises InvalidRequestError. Slow: call it outside transactions."""
    fault = password_fault(password, user_name)
    if fault is not None:
        raise InvalidRequestError.of_body(f"the password {fault}", "weak_password", pointer)
    return hash_password(password)


def change(session: Session, origin: Origin, user_id: str, patch: UserPatch, if_match: str | None) -> UserAccount:
    """Change role or access; raises NotFoundError, LastAdminError, and the errors of `require_match`."""
    user = session.get(UserAccount, user_id, with_for_update=True)
    if user is None:
        raise NotFoundError("user", user_id)
    require_match(if_match, user.revision)
    if patch.role is not None:
        set_role(session, origin, user, patch.role)
    if patch.is_disabled is not None:
        set_disabled(session, origin, user, is_disabled=patch.is_disabled)
    return user


def set_role(session: Session, origin: Origin, user: UserAccount, role: Role) -> None:
    """Give an account another role; raises LastAdminError for the last admin."""
    if user.role == role:
        return
    _keep_an_admin(session, user)
    note(session, origin, Action.USER_CHANGED, user.name, f"{user.role} -> {role.value}")
    user.role = role.value
    user.revision += 1


def set_disabled(session: Session, origin: Origin, user: UserAccount, *, is_disabled: bool) -> None:
    """Disable an account and end its sessions, or enable it; raises LastAdminError for the last admin."""
    if is_disabled == (user.disabled_at is not None):
        return
    if is_disabled:
        _keep_an_admin(session, user)
        session.execute(delete(UserSession).where(UserSession.user_id == user.id))
    user.disabled_at = utc_now() if is_disabled else None
    user.revision += 1
    note(session, origin, Action.USER_CHANGED, user.name, "disabled" if is_disabled else "enabled")


def set_password(database: Database, origin: Origin, user_id: str, password: str) -> None:
    """Set an account's password and end all its sessions; raises NotFoundError or InvalidRequestError."""
    with database.read() as session:
        name = find(session, user_id).name
    stored = checked_hash(password, name)
    with database.write() as session:
        replace_password(session, origin, find(session, user_id), stored)


def replace_password(session: Session, origin: Origin, user: UserAccount, stored: str) -> None:
    """Store a new password hash, and end all sessions of the account."""
    user.password_hash, user.failed_sign_ins, user.paused_until = stored, 0, None
    user.revision += 1
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))
    note(session, origin, Action.PASSWORD_SET, user.name)


def list_page(session: Session, *, cursor: str | None, limit: int) -> Page[UserSummary]:
    """Return one page of accounts by name."""
    after = decode_cursor("users", cursor, (str,))
    statement = select(UserAccount).order_by(UserAccount.name_key)
    if after is not None:
        statement = statement.where(UserAccount.name_key > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    items = [summary(session, user) for user in rows]
    return Page(items=items, next_cursor=encode_cursor("users", (last.name_key,)) if last else None)


def summary(session: Session, user: UserAccount) -> UserSummary:
    """Return an account as a row of a list."""
    now = utc_now()
    sessions = select(func.count(), func.max(UserSession.last_seen_at)).where(
        UserSession.user_id == user.id, UserSession.expires_at > now
    )
    tokens = select(func.count(), func.max(ApiToken.last_used_at)).where(
        ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
    )
    open_sessions, seen = session.execute(sessions).one()
    live_tokens, used = session.execute(tokens).one()
    return UserSummary(
        id=user.id,
        name=user.name,
        role=Role(user.role),
        is_disabled=user.disabled_at is not None,
        has_password=user.password_hash is not None,
        paused_until=user.paused_until if user.paused_until is not None and user.paused_until > now else None,
        sessions=open_sessions,
        tokens=live_tokens,
        last_seen_at=max((at for at in (seen, used) if at is not None), default=None),
        created_at=user.created_at,
        revision=user.revision,
    )


def _keep_an_admin(session: Session, user: UserAccount) -> None:
    if user.role != Role.ADMIN:
        return
    # Lock all rows, so that two admins who demote each other at the same moment wait for each other.
    admins = select(UserAccount.id).where(UserAccount.role == Role.ADMIN.value, UserAccount.disabled_at.is_(None))
    if set(session.scalars(admins.with_for_update())) <= {user.id}:
        raise LastAdminError(f"{user.name!r} is the last admin; give another account the role admin first")
