"""Create, list and revoke API tokens for scripts (AUTH-3)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.auth.audit import Action, Origin, note
from server.auth.roles import SCOPES, Role, Scope
from server.auth.secrets import digest, new_token
from server.db.base import utc_now
from server.db.models import ApiToken, UserAccount
from server.errors import InvalidRequestError, NotFoundError
from server.schemas.accounts import TokenCreate, TokenCreated, TokenSummary
from server.schemas.page import Page
from server.services.paging import decode_cursor, encode_cursor, split_page


def create(session: Session, user: UserAccount, wanted: TokenCreate, origin: Origin) -> TokenCreated:
    """Create a token for an account; raises InvalidRequestError for a scope that the account's role lacks."""
    allowed = SCOPES[Role(user.role)]
    for place, scope in enumerate(wanted.scopes):
        if scope not in allowed:
            names = ", ".join(sorted(allowed))
            message = f"a token of the role {user.role} cannot have the scope {scope.value}; it may have {names}"
            raise InvalidRequestError.of_body(message, "scope_not_allowed", f"/scopes/{place}")
    secret = new_token()
    scopes = [scope.value for scope in Scope if scope in wanted.scopes]
    now = utc_now()
    token = ApiToken(
        user_id=user.id,
        name=wanted.name,
        secret_sha256=digest(secret),
        scopes=scopes,
        created_at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    session.add(token)
    session.flush()
    note(session, origin, Action.TOKEN_CREATED, user.name, f"{wanted.name}: {', '.join(scopes)}")
    return TokenCreated(**_summary(token, user.name).model_dump(), secret=secret)


def list_page(session: Session, *, user_id: str | None, cursor: str | None, limit: int) -> Page[TokenSummary]:
    """Return one page of the valid tokens, of one account or of all, newest first."""
    after = decode_cursor("tokens", cursor, (str,))
    statement = (
        select(ApiToken, UserAccount.name)
        .join(UserAccount, UserAccount.id == ApiToken.user_id)
        .where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > utc_now())
        .order_by(ApiToken.id.desc())
    )
    if user_id is not None:
        statement = statement.where(ApiToken.user_id == user_id)
    if after is not None:
        statement = statement.where(ApiToken.id < str(after[0]))
    rows, last = split_page(session.execute(statement.limit(limit + 1)).all(), limit)
    items = [_summary(token, name) for token, name in rows]
    return Page(items=items, next_cursor=encode_cursor("tokens", (last[0].id,)) if last else None)


def revoke(session: Session, token_id: str, origin: Origin, *, user_id: str | None = None) -> TokenSummary:
    """Revoke a token, of one account or of any; raises NotFoundError."""
    statement = select(ApiToken, UserAccount.name).join(UserAccount, UserAccount.id == ApiToken.user_id)
    row = session.execute(statement.where(ApiToken.id == token_id)).one_or_none()
    if row is None or user_id not in {None, row[0].user_id}:
        raise NotFoundError("token", token_id)
    token, name = row
    if token.revoked_at is None:
        token.revoked_at = utc_now()
        note(session, origin, Action.TOKEN_REVOKED, name, token.name)
    return _summary(token, name)


def _summary(token: ApiToken, user_name: str) -> TokenSummary:
    return TokenSummary(
        id=token.id,
        user_name=user_name,
        name=token.name,
        scopes=[Scope(scope) for scope in token.scopes],
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
