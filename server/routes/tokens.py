"""Tokens for scripts of one's own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.auth.people import Person
from server.auth.roles import Role
from server.dependencies import Cursor, DatabaseDep, Limit, PersonDep, TokenId
from server.errors import ForbiddenError
from server.routes.account_changes import AccountsDep
from server.routes.answers import failures
from server.schemas.accounts import TokenCreate, TokenCreated, TokenSummary
from server.schemas.page import Page
from server.services.accounts import tokens, users

router = APIRouter(prefix="/tokens", tags=["accounts"])


@router.get("", operation_id="list_tokens", summary="List tokens", responses=failures(422))
def list_tokens(
    database: DatabaseDep,
    person: PersonDep,
    of_all: Annotated[bool, Query(description="Those of all accounts; for admins.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TokenSummary]:
    """Return one's own tokens that work, the newest first; the tokens themselves cannot be read again."""
    with database.read() as session:
        return tokens.list_page(session, user_id=_whose(person, of_all=of_all), cursor=cursor, limit=limit)


@router.post(
    "",
    operation_id="create_token",
    status_code=201,
    summary="Make a token",
    responses=failures(400, 404, 415, 422),
)
def create_token(body: TokenCreate, accounts: AccountsDep, person: PersonDep) -> TokenCreated:
    """Make a token of one's own and show it, this once."""
    with accounts.change() as session:
        return tokens.create(session, users.find(session, person.id), body, accounts.origin)


@router.delete("/{token_id}", operation_id="revoke_token", summary="Revoke a token", responses=failures(404, 422))
def revoke_token(token_id: TokenId, accounts: AccountsDep, person: PersonDep) -> TokenSummary:
    """End one of one's own tokens, or as an admin anybody's; it is refused from then on."""
    mine = None if person.role == Role.ADMIN else person.id
    with accounts.change() as session:
        return tokens.revoke(session, token_id, accounts.origin, user_id=mine)


def _whose(person: Person, *, of_all: bool) -> str | None:
    if of_all and person.role != Role.ADMIN:
        raise ForbiddenError(f"listing the tokens of all needs the role admin, and {person.name!r} is {person.role}")
    return None if of_all else person.id
