"""Accounts, and what was done about them: for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.dependencies import Cursor, DatabaseDep, IfMatch, Limit, UserId
from server.routes.account_changes import AccountsDep
from server.routes.answers import failures
from server.schemas.accounts import AuditItem, Link, NewPassword, UserCreate, UserPatch, UserSummary
from server.schemas.page import Page
from server.services.accounts import audit, sessions, users
from server.services.accounts.links import LINK_LASTS, link_address
from server.services.revisions import etag

router = APIRouter(tags=["accounts"])

CHANGES = failures(400, 404, 409, 415, 422)


@router.get("/users", operation_id="list_users", summary="List accounts", responses=failures(422))
def list_users(database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50) -> Page[UserSummary]:
    """Return the accounts by name."""
    with database.read() as session:
        return users.list_page(session, cursor=cursor, limit=limit)


@router.post("/users", operation_id="create_user", status_code=201, summary="Make an account", responses=CHANGES)
def create_user(body: UserCreate, accounts: AccountsDep, response: Response) -> UserSummary:
    """Make an account; without a password, a one-time link leads in."""
    stored = users.checked_hash(body.password, body.name) if body.password is not None else None
    with accounts.change() as session:
        user = users.summary(session, users.create(session, accounts.origin, body.name, body.role, stored))
    response.headers["ETag"] = etag(user.revision)
    return user


@router.patch(
    "/users/{user_id}",
    operation_id="patch_user",
    summary="Change an account",
    responses=failures(400, 404, 409, 412, 415, 422, 428),
)
def patch_user(
    user_id: UserId, body: UserPatch, accounts: AccountsDep, response: Response, if_match: IfMatch = None
) -> UserSummary:
    """Give an account another role, or close or open it; the last admin stays one."""
    with accounts.change() as session:
        user = users.summary(session, users.change(session, accounts.origin, user_id, body, if_match))
    response.headers["ETag"] = etag(user.revision)
    return user


@router.post("/users/{user_id}/password", operation_id="set_user_password", summary="Set a password", responses=CHANGES)
def set_user_password(user_id: UserId, body: NewPassword, accounts: AccountsDep) -> UserSummary:
    """Replace somebody's password; all sessions of the account end."""
    users.set_password(accounts.database, accounts.origin, user_id, body.password)
    with accounts.change() as session:
        return users.summary(session, users.find(session, user_id))


@router.post(
    "/users/{user_id}/links",
    operation_id="create_user_link",
    status_code=201,
    summary="Make a one-time link",
    responses=failures(404, 422),
)
def create_user_link(user_id: UserId, request: Request, accounts: AccountsDep) -> Link:
    """Make a link that signs somebody in once, within a day: for a first visit, or a forgotten password."""
    with accounts.change() as session:
        user = users.find(session, user_id)
        secret, expires_at = sessions.make_link(session, user, accounts.origin, LINK_LASTS)
    base = accounts.settings.public_url or str(request.base_url)
    return Link(url=link_address(base, secret), expires_at=expires_at)


@router.get(
    "/audit", operation_id="list_audit_entries", summary="What was done about accounts", responses=failures(422)
)
def list_audit_entries(
    database: DatabaseDep,
    user_name: Annotated[str | None, Query(max_length=200, description="Only about this account.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[AuditItem]:
    """Return who signed in, and who changed which account, the newest first; also tries that were refused."""
    with database.read() as session:
        return audit.list_page(session, user_name=user_name, cursor=cursor, limit=limit)
