from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import update

from server.auth import known
from server.auth.known import KnownPeople
from server.auth.roles import Role
from server.auth.secrets import digest, new_secret, new_token
from server.db.base import utc_now
from server.db.models import ApiToken, UserAccount, UserSession
from server.db.session import Database
from server.scheduler import sweep_pass
from server.settings import Settings
from tests.support.accounts import make_session, make_token, make_user

LEFT = timedelta(seconds=5)


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


def _set(database: Database, table: type[UserSession] | type[ApiToken] | type[UserAccount], **values: object) -> None:
    with database.write() as session:
        session.execute(update(table).values(values))


def test_a_session_and_a_token_say_who_it_is(any_database: Database) -> None:
    make_user(any_database, "Rita", Role.RESEARCHER)
    people = KnownPeople(any_database)
    browser, script = make_session(any_database, "rita"), make_token(any_database, "RITA")

    found = people.look_up(browser), people.look_up(script)

    assert [person and (person.name, person.role) for person in found] == [("Rita", Role.RESEARCHER)] * 2
    assert [people.look_up(secret) for secret in (new_secret(), new_token(), "")] == [None] * 3


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (UserSession, {"last_seen_at": utc_now() - known.IDLE_LIMIT - LEFT}),
        (UserSession, {"expires_at": utc_now() - LEFT}),
        (ApiToken, {"expires_at": utc_now() - LEFT}),
        (ApiToken, {"revoked_at": utc_now() - LEFT}),
        (UserAccount, {"disabled_at": utc_now() - LEFT}),
    ],
)
def test_what_has_expired_or_was_revoked_is_nobodys(
    database: Database, table: type[UserSession], values: dict[str, object]
) -> None:
    make_user(database, "ann")
    secrets = make_session(database, "ann"), make_token(database, "ann")
    _set(database, table, **values)

    people = KnownPeople(database)

    found = [people.look_up(secret) is not None for secret in secrets]
    assert found == [table is ApiToken, table is UserSession]


def test_a_revocation_acts_within_five_seconds_in_other_processes_and_at_once_here(database: Database) -> None:
    make_user(database, "ann")
    clock = Clock()
    people, secret = KnownPeople(database, clock), make_token(database, "ann")
    people.look_up(secret)
    _set(database, ApiToken, revoked_at=utc_now())

    before = people.remembered(secret)
    clock.now += known.REMEMBERED_S
    after = people.remembered(secret)

    assert known.REMEMBERED_S <= 5
    assert (before is not None, after, people.look_up(secret)) == (True, None, None)


def test_forgetting_asks_the_database_again(database: Database) -> None:
    make_user(database, "ann")
    people, secret = KnownPeople(database), make_session(database, "ann")
    people.look_up(secret)
    people.forget()

    assert people.remembered(secret) is None


def test_use_is_written_down_now_and_then(database: Database) -> None:
    make_user(database, "ann")
    people, browser, script = KnownPeople(database), make_session(database, "ann"), make_token(database, "ann")
    long_ago = utc_now() - timedelta(minutes=10)
    _set(database, UserSession, last_seen_at=long_ago)

    for secret in (browser, script):
        people.look_up(secret)

    with database.read() as session:
        seen, used = session.query(UserSession.last_seen_at).scalar(), session.query(ApiToken.last_used_at).scalar()
    assert seen > long_ago + timedelta(minutes=9)
    assert used > long_ago


def test_somebody_who_was_just_here_is_known_in_a_millisecond(database: Database) -> None:
    make_user(database, "ann")
    people, secret = KnownPeople(database), make_token(database, "ann")
    people.look_up(secret)

    began = time.perf_counter()
    found = [people.remembered(secret) for _ in range(200)]
    each_s = (time.perf_counter() - began) / 200

    assert all(found)
    assert each_s < 0.001


def test_the_sweep_forgets_what_nobody_can_use_any_more(database: Database, settings: Settings) -> None:
    make_user(database, "ann")
    secrets = [make_session(database, "ann") for _ in range(2)]
    with database.write() as session:
        expired = update(UserSession).where(UserSession.secret_sha256 == digest(secrets[0]))
        session.execute(expired.values(expires_at=utc_now() - LEFT))

    sweep_pass(database, settings)

    with database.read() as session:
        assert session.query(UserSession.secret_sha256).all() == [(digest(secrets[1]),)]
