from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from palimpsest.service.cli import app
from server.auth.known import KnownPeople
from server.auth.people import Person
from server.auth.roles import Role, Scope
from server.db.models import AuditEntry
from server.db.session import Database, get_database
from server.services.accounts.sessions import SignInLimits, sign_in, sign_in_by_link
from server.settings import get_settings
from tests.support.accounts import ORIGIN, PASSWORD
from tests.support.database import make_template, open_copy


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def database(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database that the commands work on."""
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path))
    get_settings.cache_clear()
    get_database.cache_clear()
    database = open_copy(template, tmp_path / "palimpsest.db")
    yield database
    database.dispose()
    get_settings.cache_clear()
    get_database.cache_clear()


def _admin(*arguments: str, said: str | None = None) -> Result:
    return CliRunner().invoke(app, ["admin", *arguments], input=said)


def _by_password(database: Database, name: str, password: str = PASSWORD) -> Person:
    secret = sign_in(database, SignInLimits(), name, password, ORIGIN)
    person = KnownPeople(database).look_up(secret)
    assert person is not None
    return person


def test_init_makes_the_first_admin_and_no_second(database: Database) -> None:
    made = _admin("init", "root", said=f"{PASSWORD}\n")
    again = _admin("init", "other", said=f"{PASSWORD}\n")

    assert (made.stdout, made.exit_code) == ("root is admin.\n", 0)
    assert _by_password(database, "root").role == Role.ADMIN
    assert (again.exit_code, "There is an admin already: root." in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("said", "fault"), [("", "No password came"), ("short\n", "has 5 characters"), ("password1234\n", "tried first")]
)
def test_a_password_that_cannot_be_taken_makes_no_account(database: Database, said: str, fault: str) -> None:
    refused = _admin("init", said=said)

    assert (refused.exit_code, fault in refused.stderr) == (1, True)
    assert _admin("user", "list").stdout.split() == ["name", "role", "password", "sessions", "tokens", "last", "seen"]


def test_a_new_account_gets_a_link_that_works_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIMPSEST_ACCOUNTS", "true")
    monkeypatch.setenv("PALIMPSEST_PUBLIC_URL", "https://lab.example.org/seg")
    get_settings.cache_clear()
    made = _admin("user", "add", "ann", "--role", "annotator")
    url, _, secret = made.stdout.split()[-1].partition("#")

    assert url == "https://lab.example.org/seg/sign-in"
    assert KnownPeople(database).look_up(sign_in_by_link(database, SignInLimits(), secret, ORIGIN))
    assert (
        _admin("user", "add", "ANN", "--role", "admin").stderr == "there is a user 'ANN' already; choose another name\n"
    )
    assert "cannot be taken" in _admin("user", "add", "\x07", "--role", "admin").stderr


def test_accounts_are_listed_changed_closed_and_opened(database: Database) -> None:
    _admin("init", "root", said=f"{PASSWORD}\n")
    _admin("user", "add", "rita", "--role", "researcher", "--password", said=f"{PASSWORD}\n")
    said = [
        _admin("user", "role", "rita", "annotator").stdout,
        _admin("user", "disable", "rita").stdout,
        _admin("user", "disable", "root").stderr,
        _admin("user", "role", "nobody", "admin").stderr,
    ]
    listed = _admin("user", "list").stdout
    enabled = _admin("user", "enable", "rita").stdout
    replaced = _admin("user", "set-password", "rita", said="another three words\n").stdout

    assert said == [
        "rita is annotator.\n",
        "rita is disabled.\n",
        "'root' is the last admin; give another account the role admin first\n",
        "there is no user 'nobody'\n",
    ]
    assert [line.split() for line in listed.splitlines()[1:]] == [
        ["rita", "annotator", "yes", "0", "0", "–", "disabled"],
        ["root", "admin", "yes", "0", "0", "–"],
    ]
    assert (enabled, replaced) == ("rita is enabled.\n", "rita has a new password; all sessions have ended.\n")
    assert _by_password(database, "rita", "another three words").role == Role.ANNOTATOR


def test_a_token_is_printed_alone_and_ends_when_it_is_revoked(database: Database) -> None:
    _admin("user", "add", "rita", "--role", "researcher")
    made = _admin("token", "create", "rita", "--scope", "read", "--scope", "write", "--days", "7", "--label", "night")
    secret = made.stdout.strip()
    listed = _admin("token", "list", "rita").stdout.splitlines()[1]
    before = KnownPeople(database).look_up(secret)
    ended = _admin("token", "revoke", listed.split()[0]).stdout

    assert before is not None
    assert before.scopes == {Scope.READ, Scope.WRITE}
    assert "rita     night  read, write" in listed
    assert ended == "The token 'night' of rita is revoked.\n"
    assert KnownPeople(database).look_up(secret) is None
    assert "it may have annotate, read, write" in _admin("token", "create", "rita", "--scope", "admin").stderr


def test_what_commands_do_is_in_the_audit(database: Database) -> None:
    _admin("user", "add", "rita", "--role", "researcher")
    _admin("user", "link", "rita")

    with database.read() as session:
        rows = session.query(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id).all()
    assert [action for _, action in rows] == ["user.created", "link.created", "link.created"]
    assert all(actor.startswith("command:") for actor, _ in rows)
