from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import Experiment, IdempotencyKey
from server.db.session import Database
from server.errors import IdempotencyMismatchError
from server.services.idempotency import Answer, Keyed, carry_out
from tests.support.rows import make_experiment

REQUEST = Keyed("local", "POST /api/v1/experiments", "k-1", '{"a": 1}')


def _create(session: Session) -> Answer:
    return Answer(201, f'{{"id": "{make_experiment(session).id}"}}', {"Location": "/here"})


def _count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Experiment)) or 0


def test_a_repeated_request_gets_the_first_answer(any_database: Database) -> None:
    first, again = (carry_out(any_database, REQUEST, _create) for _ in range(2))

    assert (first.status, first.is_replayed) == (201, False)
    assert (again.status, again.body, dict(again.headers)) == (201, first.body, {"Location": "/here"})
    assert again.is_replayed
    assert _count(any_database) == 1


def test_twenty_requests_at_once_take_effect_once(any_database: Database) -> None:
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: carry_out(any_database, REQUEST, _create), range(20)))

    assert _count(any_database) == 1
    assert len({answer.body for answer in answers}) == 1
    assert sum(not answer.is_replayed for answer in answers) == 1


def test_another_request_under_the_key_is_refused(any_database: Database) -> None:
    carry_out(any_database, REQUEST, _create)

    with pytest.raises(IdempotencyMismatchError, match="'k-1' belongs to another request"):
        carry_out(any_database, Keyed(REQUEST.principal, REQUEST.operation, REQUEST.key, '{"a": 2}'), _create)
    assert _count(any_database) == 1


@pytest.mark.parametrize(
    "other",
    [
        Keyed("user-7", REQUEST.operation, REQUEST.key, REQUEST.content),
        Keyed(REQUEST.principal, "POST /api/v1/runs", REQUEST.key, REQUEST.content),
        Keyed(REQUEST.principal, REQUEST.operation, "k-2", REQUEST.content),
        None,
    ],
)
def test_other_people_addresses_and_keys_are_other_requests(database: Database, other: Keyed | None) -> None:
    carry_out(database, REQUEST, _create)

    assert not carry_out(database, other, _create).is_replayed
    assert _count(database) == 2


def test_a_request_that_failed_may_be_sent_again(any_database: Database) -> None:
    def fail(session: Session) -> Answer:
        make_experiment(session)
        raise RuntimeError("no space")

    with pytest.raises(RuntimeError):
        carry_out(any_database, REQUEST, fail)

    assert _count(any_database) == 0
    assert not carry_out(any_database, REQUEST, _create).is_replayed


def test_the_answer_is_stored_with_its_effect(database: Database) -> None:
    answer = carry_out(database, REQUEST, _create)

    with database.read() as session:
        row = session.scalars(select(IdempotencyKey)).one()
    assert (row.status, row.body, row.headers) == (201, answer.body, {"Location": "/here"})
