"""A service with accounts: people of every role, as browsers and as scripts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx

from server.auth.audit import Origin
from server.auth.border import CSRF_HEADER, cookie_name
from server.auth.limits import Buckets
from server.auth.passwords import hash_password
from server.auth.roles import SCOPES, Role, Scope
from server.auth.secrets import csrf_token
from server.db.models import UserAccount
from server.db.session import Database
from server.schemas.accounts import TokenCreate
from server.services.accounts import sessions, tokens, users
from server.settings import Settings
from tests.support.serving import NO_PAGES, Service, application, serve

PASSWORD = "three plain words"
ORIGIN = Origin("command:test")
NAMES = {Role.ADMIN: "root", Role.RESEARCHER: "rita", Role.ANNOTATOR: "ann"}


@cache
def password_hash() -> str:
    """Return what is stored of the password that everybody has; made once, because it is slow on purpose."""
    return hash_password(PASSWORD)


def make_user(database: Database, name: str, role: Role = Role.RESEARCHER) -> UserAccount:
    """Commit an account with the password of all."""
    with database.write() as session:
        return users.create(session, ORIGIN, name, role, password_hash())


def make_token(database: Database, name: str, scopes: list[Scope] | None = None) -> str:
    """Commit a token of an account, for everything that its role can have where nothing else is said."""
    with database.write() as session:
        user = users.find_named(session, name)
        wanted = TokenCreate(name="script", scopes=scopes or sorted(SCOPES[Role(user.role)]))
        return tokens.create(session, user, wanted, ORIGIN).secret


def make_session(database: Database, name: str) -> str:
    """Commit a session of an account; returns the secret of its cookie."""
    with database.write() as session:
        return sessions.open_session(session, users.find_named(session, name), ORIGIN, "test")


class AccountService:
    """A running service with one account of each role.

    Attributes:
        service: the running application.
        database: with its accounts.
    """

    def __init__(self, service: Service, database: Database) -> None:
        self.service = service
        self.database = database
        # A test asks more often in a minute than people do; the limits have tests of their own.
        service.app.state.token_limits.requests = Buckets(10**6)
        service.app.state.sign_in_limits.of_address = Buckets(10**6)
        service.app.state.sign_in_limits.of_name = Buckets(10**6)

    def anybody(self) -> httpx.Client:
        """Return a client that nobody has signed in with."""
        # Nothing is encrypted here, and reading the certificates of the system takes longer than the requests.
        return httpx.Client(base_url=self.service.address, trust_env=False, timeout=30, verify=False)

    def script(self, name: str, scopes: list[Scope] | None = None) -> httpx.Client:
        """Return a client with a token."""
        return self.with_token(make_token(self.database, name, scopes))

    def with_token(self, token: str) -> httpx.Client:
        """Return a client with this token."""
        client = self.anybody()
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    def browser(self, name: str) -> httpx.Client:
        """Return a client that sends what a page of the service sends when somebody has signed in."""
        client, secret = self.anybody(), make_session(self.database, name)
        client.headers.update(
            {"Cookie": f"{self.cookie}={secret}", "Origin": self.service.address, CSRF_HEADER: csrf_token(secret)}
        )
        return client

    @property
    def cookie(self) -> str:
        """Name of the cookie of this installation."""
        return cookie_name(self.service.app.state.settings.database_url)


@contextmanager
def serve_accounts(
    database: Database, home: Path, pages: Path = NO_PAGES, **settings: object
) -> Iterator[AccountService]:
    """Serve with accounts, and with somebody of each role."""
    for role, name in NAMES.items():
        make_user(database, name, role)
    options = {"home": home, "sqlite_synchronous": "NORMAL", "accounts": True} | settings
    with serve(application(Settings.model_validate(options), database, pages)) as service:
        yield AccountService(service, database)
