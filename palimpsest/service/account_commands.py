"""`palimpsest admin init | user | token`: accounts, on the database itself, so that nobody is locked out."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from palimpsest.client.errors import PalimpsestError
from palimpsest.service.faults import plain_faults, require_migrated
from server.auth.roles import Role, Scope
from server.settings import Settings, get_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from server.auth.audit import Origin
    from server.db.models import UserAccount
    from server.db.session import Database
    from server.schemas.page import Page

Item = TypeVar("Item")

user_app = typer.Typer(no_args_is_help=True, help="Accounts: who may sign in, and as what.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens of scripts.")

_LIST_WIDTH = 200

Name = Annotated[str, typer.Argument(help="Name of the account; large and small letters are the same.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What the account may do.")]
AsksPassword = Annotated[
    bool, typer.Option("--password", help="Ask for a password, instead of printing a one-time link.")
]


def init_admin(
    name: Annotated[str, typer.Argument(help="Name of the account.")] = "admin",
    links: Annotated[bool, typer.Option("--link", help="Print a one-time link instead of asking.")] = False,
) -> None:
    """Make the first admin; asks for a password, or reads it from the standard input."""
    with plain_faults():
        _add(name, Role.ADMIN, asks=not links, is_first=True)


@user_app.command("add")
def add_user(name: Name, role: RoleOption, asks: AsksPassword = False) -> None:
    """Make an account, and print a link that signs in once within a day."""
    with plain_faults():
        _add(name, role, asks=asks)


@user_app.command("list")
def list_users() -> None:
    """List all accounts."""
    from server.services.accounts import users

    table = Table("name", "role", "password", "sessions", "tokens", "last seen", "", box=None, pad_edge=False)
    with _accounts() as (_, session, _):
        for user in _all(lambda cursor: users.list_page(session, cursor=cursor, limit=200)):
            state = "disabled" if user.is_disabled else "paused" if user.paused_until is not None else ""
            seen = f"{user.last_seen_at:%Y-%m-%d %H:%M}" if user.last_seen_at is not None else "–"
            password = "yes" if user.has_password else "no"
            table.add_row(user.name, user.role.value, password, str(user.sessions), str(user.tokens), seen, state)
    Console(width=_LIST_WIDTH).print(table)


@user_app.command("role")
def set_role(name: Name, role: Annotated[Role, typer.Argument(help="What the account may do.")]) -> None:
    """Give an account another role."""
    from server.services.accounts import users

    with _accounts() as (_, session, origin):
        user = users.find_named(session, name)
        users.set_role(session, origin, user, role)
        print(f"{user.name} is {role.value}.")


@user_app.command("disable")
def disable_user(name: Name) -> None:
    """Close an account: nobody signs in, sessions end, tokens stop working."""
    _set_disabled(name, is_disabled=True)


@user_app.command("enable")
def enable_user(name: Name) -> None:
    """Open an account again."""
    _set_disabled(name, is_disabled=False)


@user_app.command("set-password")
def set_password(name: Name) -> None:
    """Replace a password and end all sessions; asks for it, or reads it from the standard input."""
    from server.services.accounts import users

    with plain_faults():
        database = _database(get_settings())
        with database.read() as session:
            user = users.find_named(session, name)
        # Ask outside the transaction: nobody else could write meanwhile.
        users.set_password(database, command_origin(), user.id, _password())
        print(f"{user.name} has a new password; all sessions have ended.")


@user_app.command("link")
def make_link(name: Name) -> None:
    """Print a link that signs in once within a day: for a first visit, or a forgotten password."""
    from server.services.accounts import users

    with _accounts() as (settings, session, origin):
        print(_link(settings, session, origin, users.find_named(session, name)))


@token_app.command("create")
def create_token(
    name: Name,
    scopes: Annotated[list[Scope] | None, typer.Option("--scope", help="May be repeated; default: read.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="Until it expires.")] = 90,
    label: Annotated[str, typer.Option("--label", help="Shown in lists.")] = "made on the command line",
) -> None:
    """Make a token of an account and print it, this once, alone on the standard output."""
    from server.schemas.accounts import TokenCreate
    from server.services.accounts import tokens, users

    with _accounts() as (_, session, origin):
        wanted = TokenCreate(name=label, scopes=scopes or [Scope.READ], days=days)
        made = tokens.create(session, users.find_named(session, name), wanted, origin)
        print(made.secret)
        print(f"expires {made.expires_at:%Y-%m-%d}; it cannot be shown again", file=sys.stderr)


@token_app.command("list")
def list_tokens(name: Annotated[str | None, typer.Argument(help="Only those of this account.")] = None) -> None:
    """List the tokens that work."""
    from server.services.accounts import tokens, users

    table = Table("id", "account", "label", "scopes", "expires", "last used", box=None, pad_edge=False)
    with _accounts() as (_, session, _):
        user_id = users.find_named(session, name).id if name is not None else None
        for token in _all(lambda cursor: tokens.list_page(session, user_id=user_id, cursor=cursor, limit=200)):
            used = f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at is not None else "never"
            scopes = ", ".join(token.scopes)
            table.add_row(token.id, token.user_name, token.name, scopes, f"{token.expires_at:%Y-%m-%d}", used)
    Console(width=_LIST_WIDTH).print(table)


@token_app.command("revoke")
def revoke_token(token_id: Annotated[str, typer.Argument(help="As `admin token list` shows it.")]) -> None:
    """End a token."""
    from server.services.accounts import tokens

    with _accounts() as (_, session, origin):
        ended = tokens.revoke(session, token_id, origin)
        print(f"The token {ended.name!r} of {ended.user_name} is revoked.")


def command_origin() -> Origin:
    """Return the origin of a change by a command."""
    from server.auth.audit import Origin

    return Origin(f"command:{getpass.getuser()}")


def _database(settings: Settings) -> Database:
    from server.db.session import get_database

    require_migrated(settings)
    return get_database()


@contextmanager
def _accounts() -> Iterator[tuple[Settings, Session, Origin]]:
    """Open a writing transaction on the migrated database."""
    with plain_faults():
        settings = get_settings()
        with _database(settings).write() as session:
            yield settings, session, command_origin()


def _add(name: str, role: Role, *, asks: bool, is_first: bool = False) -> None:
    from pydantic import TypeAdapter, ValidationError

    from core.validation_words import rule_of
    from server.schemas.accounts import UserName
    from server.services.accounts import users

    try:
        checked: str = TypeAdapter(UserName).validate_python(name)
    except ValidationError as error:
        raise PalimpsestError(f"The name {name!r} cannot be taken: {rule_of(error.errors()[0])}.") from error
    settings = get_settings()
    database = _database(settings)
    if is_first:
        with database.read() as session:
            _require_no_admin(session)
    stored = users.checked_hash(_password(), checked) if asks else None
    with database.write() as session:
        if is_first:
            _require_no_admin(session)
        user = users.create(session, command_origin(), checked, role, stored)
        link = "" if asks else _link(settings, session, command_origin(), user)
    print(f"{user.name} is {role.value}.")
    if link:
        print(f"This link signs in once within a day: {link}")


def _require_no_admin(session: Session) -> None:
    from server.services.accounts.users import first_admin

    present = first_admin(session)
    if present is not None:
        raise PalimpsestError(
            f"There is an admin already: {present}. `palimpsest admin user link {present}` prints a link for them, "
            f"`palimpsest admin user add NAME --role admin` makes another."
        )


def _set_disabled(name: str, *, is_disabled: bool) -> None:
    from server.services.accounts import users

    with _accounts() as (_, session, origin):
        user = users.find_named(session, name)
        users.set_disabled(session, origin, user, is_disabled=is_disabled)
        print(f"{user.name} is {'disabled' if is_disabled else 'enabled'}.")


def _link(settings: Settings, session: Session, origin: Origin, user: UserAccount) -> str:
    from server.services.accounts import sessions
    from server.services.accounts.links import LINK_LASTS, link_address

    secret, _ = sessions.make_link(session, user, origin, LINK_LASTS)
    return link_address(settings.public_url or f"http://127.0.0.1:{settings.port}", secret)


def _all(read: Callable[[str | None], Page[Item]]) -> Iterator[Item]:
    cursor: str | None = None
    while True:
        page = read(cursor)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _password() -> str:
    """Ask twice in a terminal, or else read one line. Never use the command line, which others can see."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise PalimpsestError("No password came on the standard input; run the command in a terminal to be asked.")
    return line
