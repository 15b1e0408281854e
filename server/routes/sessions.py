"""Signing in, signing out, and who is signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.auth.border import cookie_name, cookie_secret
from server.auth.known import LONGEST_SESSION
from server.auth.people import Person, present_person
from server.auth.roles import Role
from server.auth.secrets import csrf_token
from server.db.session import Database
from server.dependencies import PersonDep
from server.errors import ForbiddenError
from server.routes.account_changes import Accounts, AccountsDep
from server.routes.answers import failures
from server.schemas.accounts import LinkUse, PasswordChange, SessionsClosed, SessionState, SignedIn, SignIn
from server.services.accounts import sessions, users
from server.settings import Settings, is_loopback

router = APIRouter(prefix="/sessions", tags=["accounts"])

CHANGES = failures(400, 401, 403, 415, 422, 429)


@router.get("/current", operation_id="show_session", summary="Who is signed in", responses=failures(422))
def show_session(request: Request, accounts: AccountsDep) -> SessionState:
    """Return whether there are accounts, who is signed in, and what changes have to be sent with."""
    person = present_person()
    if not accounts.settings.accounts:
        return SessionState(has_accounts=False, user=None, csrf_token=None)
    is_browser = person is not None and person.session_id is not None
    secret = _own_cookie(request, accounts.settings) if is_browser else ""
    return _state(accounts.database, person, csrf_token(secret) if secret else None)


@router.post("", operation_id="open_session", summary="Sign in", responses=CHANGES)
def open_session(body: SignIn, request: Request, response: Response, accounts: AccountsDep) -> SessionState:
    """Sign in with name and password: the answer sets a cookie that scripts cannot read, for at most 7 days."""
    _require_safe_way(request, accounts.settings)
    secret = sessions.sign_in(accounts.database, accounts.limits, body.name, body.password, accounts.origin)
    return _opened(request, response, accounts, secret)


@router.post("/from-link", operation_id="open_session_by_link", summary="Sign in by a one-time link", responses=CHANGES)
def open_session_by_link(body: LinkUse, request: Request, response: Response, accounts: AccountsDep) -> SessionState:
    """Sign in with the secret of a link, which the page reads from behind the `#`; it works once."""
    _require_safe_way(request, accounts.settings)
    secret = sessions.sign_in_by_link(accounts.database, accounts.limits, body.secret, accounts.origin)
    return _opened(request, response, accounts, secret)


@router.delete("/current", operation_id="close_session", summary="Sign out", responses=failures(422))
def close_session(
    response: Response,
    accounts: AccountsDep,
    person: PersonDep,
    everywhere: Annotated[bool, Query(description="Also in all other browsers.")] = False,
) -> SessionsClosed:
    """End this session, or all of the account; the cookies are worth nothing from then on."""
    with accounts.change() as session:
        closed = sessions.close_sessions(session, person, accounts.origin, everywhere=everywhere)
    # Pictures may be kept for long: the next person at this browser must not find them there.
    response.headers["Clear-Site-Data"] = '"cache"'
    response.delete_cookie(cookie_name(accounts.settings.database_url), path=f"{accounts.settings.base_path}/")
    return SessionsClosed(closed=closed)


@router.post(
    "/current/password", operation_id="change_own_password", summary="Change one's own password", responses=CHANGES
)
def change_own_password(
    body: PasswordChange, request: Request, response: Response, accounts: AccountsDep, person: PersonDep
) -> SessionState:
    """Replace the password; all other sessions of the account end."""
    accounts.limits.check(person.name, accounts.origin.address)
    secret = sessions.change_own_password(accounts.database, person, body.present, body.new, accounts.origin)
    return _opened(request, response, accounts, secret)


def _own_cookie(request: Request, settings: Settings) -> str:
    return cookie_secret(request.headers.get("cookie", ""), cookie_name(settings.database_url))


def _opened(request: Request, response: Response, accounts: Accounts, secret: str) -> SessionState:
    """Set the cookie of a new session, and say what the page needs."""
    accounts.known.forget()
    response.set_cookie(
        cookie_name(accounts.settings.database_url),
        secret,
        max_age=int(LONGEST_SESSION.total_seconds()),
        path=f"{accounts.settings.base_path}/",
        secure=not is_loopback(request.url.hostname or ""),
        httponly=True,
        samesite="lax",
    )
    person = accounts.known.look_up(secret)
    return _state(accounts.database, person, csrf_token(secret))


def _state(database: Database, person: Person | None, csrf: str | None) -> SessionState:
    if person is None:
        return SessionState(has_accounts=True, user=None, csrf_token=None)
    with database.read() as session:
        user = users.find(session, person.id)
        signed_in = SignedIn(
            id=user.id, name=user.name, role=Role(user.role), has_password=user.password_hash is not None
        )
    return SessionState(has_accounts=True, user=signed_in, csrf_token=csrf)


def _require_safe_way(request: Request, settings: Settings) -> None:
    """Refuse passwords that came unencrypted from another machine: their cookie would not come back either (SEC-1)."""
    is_public = request.headers.get("host", "").lower() == settings.public_host
    is_encrypted = request.url.scheme == "https" or (is_public and settings.public_url.startswith("https:"))
    if not is_encrypted and not is_loopback(request.url.hostname or ""):
        raise ForbiddenError(
            "signing in needs https; put a proxy with a certificate before the service, as docs/operating.md shows"
        )
