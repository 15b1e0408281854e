"""`palimpsest demo` with accounts: a sign-in link for the visitor, and a token for the demo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from palimpsest.service.account_commands import command_origin
from server.auth.roles import Role, Scope
from server.db.session import Database
from server.errors import NotFoundError
from server.schemas.accounts import TokenCreate
from server.services.accounts import sessions, tokens, users
from server.services.accounts.links import LINK_LASTS, link_address

NAME = "demo"


@dataclass(frozen=True)
class Visitor:
    """Credentials for the demo.

    Attributes:
        link: signs the visitor in once, as a researcher.
        token: token for the run that the demo starts and follows.
    """

    link: str
    token: str


@contextmanager
def demo_visitor(database: Database, address: str) -> Iterator[Visitor]:
    """Yield a link and a token of the account `demo`, created if missing; the token ends with the context."""
    origin = command_origin()
    with database.write() as session:
        try:
            user = users.find_named(session, NAME)
        except NotFoundError:
            user = users.create(session, origin, NAME, Role.RESEARCHER, None)
        secret, _ = sessions.make_link(session, user, origin, LINK_LASTS)
        wanted = TokenCreate(name="palimpsest demo", scopes=[Scope.READ, Scope.WRITE], days=1)
        token = tokens.create(session, user, wanted, origin)
    try:
        yield Visitor(link_address(address, secret), token.secret)
    finally:
        with database.write() as session:
            tokens.revoke(session, token.id, origin)
