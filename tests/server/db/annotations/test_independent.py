"""Several independent answers to one query (ANN-5, QA-2, QA-3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from core.data.decoding import read_label
from server.db.annotations import (
    AnsweredByAnother,
    LeaseLost,
    NewAnswer,
    close_round,
    lease_next,
    lease_query,
    release,
    revise_answer,
    settle_round,
    submit,
)
from server.db.lifecycle import Cause
from server.db.models import Agreement, Annotation, Query
from server.db.session import Database
from server.storage import LocalStorage
from tests.server.db.annotations.conftest import IMAGES, Waiting
from tests.support.label_rounds import filled, make_waiting_round

Make = Callable[..., Waiting]


@pytest.fixture
def make(any_database: Database, storage: LocalStorage, tmp_path: Path) -> Make:
    """Make a round of three queries that is handed out in a way of its own."""

    def make(hand_out: Mapping[str, Any], completion: Mapping[str, Any] | None = None) -> Waiting:
        folder = tmp_path / "asked"
        stage = make_waiting_round(any_database, storage, folder, IMAGES, hand_out=hand_out, completion=completion)
        return Waiting(any_database, storage, stage)

    return make


def lease(waiting: Waiting, author: str) -> str | None:
    with waiting.database.write() as session:
        cause = Cause(f"user:{author}")
        query = lease_next(session, waiting.stage.id, author, lease_s=900, cause=cause).query
        return query.id if query is not None else None


def settle(waiting: Waiting, *, is_ending: bool = False) -> int:
    return settle_round(waiting.database, waiting.storage, waiting.stage.id, is_ending=is_ending)


def counted(waiting: Waiting, key: str) -> tuple[Annotation, np.ndarray]:
    """Return the version that counts, and its labels."""
    query = waiting.query(key)
    statement = select(Annotation).where(Annotation.query_id == key, Annotation.version == query.version)
    with waiting.database.read() as session:
        annotation = session.scalars(statement).one()
    return annotation, read_label(waiting.storage.path(annotation.mask_sha256))


def test_each_query_goes_to_as_many_people_as_it_wants_answers(make: Make) -> None:
    waiting = make({"overlap": 2})

    assert [lease(waiting, "ann"), lease(waiting, "bob")] == [waiting.ids[0]] * 2
    assert lease(waiting, "cy") == waiting.ids[1]
    assert waiting.states() == ["leased", "open", "open"]
    with pytest.raises(LeaseLost), waiting.database.write() as session:
        lease_query(session, waiting.ids[0], "dan", lease_s=900, cause=Cause("user:dan"))


def test_the_label_is_made_when_all_answers_are_there(make: Make) -> None:
    waiting = make({"overlap": 3})
    key = waiting.ids[0]

    for author, value in (("ann", 3), ("bob", 7)):
        waiting.answer(key, author, value)
        assert (settle(waiting), waiting.query(key).state, waiting.query(key).version) == (0, "open", 0)
    waiting.answer(key, "cy", 7)
    assert (waiting.query(key).state, settle(waiting)) == ("submitted", 1)

    query, (annotation, labels) = waiting.query(key), counted(waiting, key)
    assert (query.state, query.author, query.version, query.answers) == ("accepted", "consensus", 4, 3)
    assert (annotation.source, annotation.parents, annotation.clicks, annotation.seconds) == (
        "consensus",
        [1, 2, 3],
        9,
        7.5,
    )
    assert np.array_equal(labels, filled(7))


def test_agreement_is_kept_for_each_two_people(make: Make) -> None:
    waiting = make({"overlap": 3})
    for author, value in (("ann", 3), ("bob", 7), ("cy", 7)):
        waiting.answer(waiting.ids[0], author, value)
    settle(waiting)

    with waiting.database.read() as session:
        rows = session.scalars(select(Agreement).order_by(Agreement.first, Agreement.second)).all()
    assert [(row.first, row.second, row.pixels, row.classes) for row in rows] == [
        ("ann", "bob", 48, {"3": [48, 0, 0], "7": [0, 48, 0]}),
        ("ann", "cy", 48, {"3": [48, 0, 0], "7": [0, 48, 0]}),
        ("bob", "cy", 48, {"7": [48, 48, 48]}),
    ]


@pytest.mark.parametrize(("ties", "state"), [("ignore", "accepted"), ("review", "in_review")])
def test_a_tie_has_no_label_or_goes_to_a_researcher(make: Make, ties: str, state: str) -> None:
    waiting = make({"overlap": 2, "ties": ties})
    waiting.answer(waiting.ids[0], "ann", 3)
    waiting.answer(waiting.ids[0], "bob", 7)

    settle(waiting)

    assert waiting.query(waiting.ids[0]).state == state
    assert np.array_equal(counted(waiting, waiting.ids[0])[1], filled(255))


def test_nobody_gives_two_of_the_answers(make: Make) -> None:
    waiting = make({"overlap": 2})
    waiting.answer(waiting.ids[0], "ann", 3)

    assert lease(waiting, "ann") == waiting.ids[1]
    with pytest.raises(LeaseLost, match="have answered it"), waiting.database.write() as session:
        lease_query(session, waiting.ids[0], "ann", lease_s=900, cause=Cause("user:ann"))
    again = waiting.answer(waiting.ids[0], "ann", 7)
    assert (again.annotation.version, waiting.query(waiting.ids[0]).answers) == (2, 1)


def test_an_answer_that_is_sent_twice_is_stored_once_even_after_the_label_was_made(make: Make) -> None:
    waiting = make({"overlap": 2})
    first = waiting.answer(waiting.ids[0], "ann", 3)
    assert waiting.answer(waiting.ids[0], "ann", 3).annotation.id == first.annotation.id
    waiting.answer(waiting.ids[0], "bob", 3)
    settle(waiting)

    assert waiting.answer(waiting.ids[0], "ann", 3).annotation.id == first.annotation.id
    with pytest.raises(AnsweredByAnother, match="'consensus', version 3"):
        waiting.answer(waiting.ids[0], "cy", 7)
    assert waiting.answer(waiting.ids[0], "cy", 7, replaces=3).annotation.version == 4
    assert waiting.query(waiting.ids[0]).author == "cy"


def test_ones_own_answer_is_taken_up_again_and_the_label_made_anew(make: Make) -> None:
    waiting = make({"overlap": 2})
    for author in ("ann", "bob"):
        waiting.answer(waiting.ids[0], author, 3)
    settle(waiting)

    with waiting.database.write() as session:
        revise_answer(session, waiting.ids[0], "bob", lease_s=900, cause=Cause("user:bob"))
    assert waiting.query(waiting.ids[0]).state == "leased"
    waiting.answer(waiting.ids[0], "bob", 7)
    settle(waiting)

    assert counted(waiting, waiting.ids[0])[0].parents == [1, 4]


def test_an_answer_that_is_taken_up_and_given_back_stays(make: Make) -> None:
    waiting = make({"overlap": 2})
    waiting.answer(waiting.ids[0], "ann", 3)

    with waiting.database.write() as session:
        revise_answer(session, waiting.ids[0], "ann", lease_s=900, cause=Cause("user:ann"))
        release(session, waiting.ids[0], "ann", cause=Cause("user:ann"))

    query = waiting.query(waiting.ids[0])
    assert (query.state, query.answers) == ("open", 1)


def test_a_round_that_is_closed_early_keeps_the_answers_that_are_there(make: Make) -> None:
    waiting = make({"overlap": 2, "ties": "review"})
    waiting.answer(waiting.ids[0], "ann", 7)
    for author, value in (("ann", 3), ("bob", 7)):
        waiting.answer(waiting.ids[1], author, value)
    settle(waiting)

    assert close_round(waiting.database, waiting.storage, waiting.stage.id, cause=Cause("user:eve"))

    assert waiting.states() == ["accepted", "accepted", "withdrawn"]
    assert counted(waiting, waiting.ids[0])[0].parents == [1]


def test_a_share_of_the_queries_gets_several_answers(make: Make) -> None:
    waiting = make({"overlap": 2, "overlap_share": 0.5})

    wanted = [waiting.query(key).answers_wanted for key in waiting.ids]

    assert wanted == [2 if int(key[:8], 16) / 2**32 < 0.5 else 1 for key in waiting.ids]


def test_fixed_queries_wait_for_their_people_alone(make: Make) -> None:
    waiting = make({"overlap": 2, "assignment": "fixed", "annotators": ["ann", "bob", "cy"]})

    assert [lease(waiting, author) for author in ("ann", "bob", "cy", "dan")] == [
        *waiting.ids[:1] * 2,
        waiting.ids[1],
        None,
    ]
    with pytest.raises(LeaseLost, match="it is assigned to others"):
        waiting.answer(waiting.ids[0], "cy")
    with waiting.database.write() as session:
        release(session, waiting.ids[0], "ann", cause=Cause("user:ann"))
    assert lease(waiting, "ann") == waiting.ids[0]


def test_people_who_are_not_named_get_nothing(make: Make) -> None:
    waiting = make({"annotators": ["ann"]})

    assert (lease(waiting, "bob"), lease(waiting, "ann")) == (None, waiting.ids[0])
    with pytest.raises(LeaseLost, match="it is assigned to others"):
        waiting.answer(waiting.ids[1], "bob")


def test_an_answer_in_between_lets_the_label_wait(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = make({"overlap": 2})
    key = waiting.ids[0]
    for author in ("ann", "bob"):
        waiting.answer(key, author, 3)
    store = LocalStorage.put_bytes

    def revise_meanwhile(storage: LocalStorage, data: bytes) -> str:
        monkeypatch.undo()
        with waiting.database.write() as session:
            revise_answer(session, key, "bob", lease_s=900, cause=Cause("user:bob"))
        return store(storage, data)

    monkeypatch.setattr(LocalStorage, "put_bytes", revise_meanwhile)
    assert settle(waiting) == 0

    assert (waiting.query(key).state, waiting.query(key).version) == ("leased", 0)
    new = NewAnswer(key, "bob", "person", waiting.facts(filled(7)), 1, 1.0)
    with waiting.database.write() as session:
        submit(session, new, cause=Cause("user:bob"))
    assert settle(waiting) == 1
    with waiting.database.read() as session:
        assert session.get_one(Query, key).state == "accepted"
