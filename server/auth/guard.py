"""The dependency of every route: it checks the request against the table of permissions."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from server.auth.border import SIGN_IN
from server.auth.people import Person
from server.auth.permissions import PERMISSIONS, Permission, Reach
from server.auth.reach import reaches
from server.auth.roles import Role
from server.errors import ForbiddenError, NotFoundError, UnauthenticatedError


async def authorise(request: Request) -> None:
    """Check that the request is allowed.

    Raises:
        UnauthenticatedError: when nobody has signed in.
        ForbiddenError: when a researcher's role or a token's scopes do not allow the request.
        NotFoundError: when the thing is hidden from an annotator, and for account operations without accounts.
    """
    operation = operation_of(request.scope["route"])
    permission = PERMISSIONS.get(operation)
    if not request.app.state.settings.accounts:
        if permission is not None and permission.is_about_accounts and operation != "show_session":
            raise NotFoundError("address", request.url.path, "; accounts are off, see PALIMPSEST_ACCOUNTS")
        return
    if permission is None:
        raise ForbiddenError(
            "the service has no rule on who may do this, so nobody may; please report this fault of the service"
        )
    if permission.is_public:
        return
    person: Person | None = getattr(request.state, "person", None)
    if person is None:
        raise UnauthenticatedError(SIGN_IN)
    _require_role(request, person, permission)
    if person.role == Role.ANNOTATOR and permission.reach is not Reach.ANY:
        parts = {**request.path_params, "version": request.query_params.get("version", "")}
        if not await run_in_threadpool(_reaches, request, person.name, permission.reach, parts):
            raise _nothing_here(request)


def operation_of(route: Any) -> str:
    """Return the name of an operation: its route's id, or its function's name if it is not in the document."""
    return str(getattr(route, "operation_id", None) or route.name)


def _require_role(request: Request, person: Person, permission: Permission) -> None:
    if person.role not in permission.roles:
        if person.role == Role.ANNOTATOR:
            raise _nothing_here(request)
        roles = " or ".join(sorted(permission.roles))
        raise ForbiddenError(f"this needs the role {roles}, and {person.name!r} is {person.role}; ask an admin")
    if permission.scope is None and person.session_id is None:
        raise ForbiddenError("this needs somebody who has signed in; a token cannot do it")
    if permission.scope is not None and permission.scope not in person.scopes:
        has = ", ".join(sorted(person.scopes)) or "none"
        raise ForbiddenError(f"this needs a token with the scope {permission.scope}; this one has {has}")


def _nothing_here(request: Request) -> NotFoundError:
    return NotFoundError("such thing for you at", request.url.path)


def _reaches(request: Request, name: str, reach: Reach, parts: dict[str, str]) -> bool:
    with request.app.state.database.read() as session:
        return reaches(session, name, reach, parts)
