from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server.db.annotations import (
    NothingAnswered,
    RoundClosed,
    close_complete_rounds,
    close_round,
    extend_round,
    lease_next,
    reopen_query,
    reopen_round,
    revise_answer,
    skip,
)
from server.db.annotations.completion import closes_by_itself, is_complete
from server.db.clock import database_now
from server.db.lifecycle import request_cancel, resume_run
from server.db.models import QueryBatch, Transition
from server.db.session import Database
from server.db.states import QueryState
from server.storage import LocalStorage
from tests.server.db.annotations.conftest import CAUSE, IMAGES, Waiting
from tests.support.label_rounds import make_waiting_round
from tests.support.rows import USER

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Begin = Callable[[Mapping[str, Any]], Waiting]


@pytest.fixture
def begin(any_database: Database, storage: LocalStorage, tmp_path: Path) -> Begin:
    """Begins a round of three queries under a rule for closing by itself."""

    def make(completion: Mapping[str, Any]) -> Waiting:
        stage = make_waiting_round(any_database, storage, tmp_path / "asked", IMAGES, completion=completion)
        return Waiting(any_database, storage, stage)

    return make


def batch_of(waiting: Waiting) -> QueryBatch:
    with waiting.database.read() as session:
        return session.get_one(QueryBatch, waiting.stage.id)


def let_deadline_pass(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(QueryBatch).where(QueryBatch.stage_id == waiting.stage.id).values(deadline=past))


def extend(waiting: Waiting, hours: float | None) -> None:
    with waiting.database.write() as session:
        extend_round(session, waiting.stage.id, hours, cause=CAUSE)


def counts(**found: int) -> dict[str, int]:
    return {state.value: found.get(state.value, 0) for state in QueryState}


@pytest.mark.parametrize(
    ("found", "share", "is_over", "expected"),
    [
        ({}, 1.0, False, True),
        ({"accepted": 3}, 1.0, False, True),
        ({"accepted": 2, "skipped": 1}, 1.0, False, True),
        ({"accepted": 2, "leased": 1}, 1.0, False, False),
        ({"skipped": 3}, 1.0, True, False),
        # 7 of 100 are 0.07 of them, though 0.07 times 100 is a little more than 7.
        ({"accepted": 7, "open": 93}, 0.07, False, True),
        ({"accepted": 6, "open": 94}, 0.07, False, False),
        ({"accepted": 1, "open": 99}, 1.0, True, True),
        ({"open": 100}, 0.01, True, False),
    ],
)
def test_a_round_is_complete_when_its_rule_says_so(
    found: dict[str, int], share: float, is_over: bool, expected: bool
) -> None:
    batch = QueryBatch(share=share, deadline=NOON, closes_by_hand=False)
    now = NOON if is_over else NOON - timedelta(microseconds=1)

    assert is_complete(batch, counts(**found), now) is expected
    assert closes_by_itself(batch, counts(**found), now) is expected
    assert not closes_by_itself(QueryBatch(share=share, deadline=NOON, closes_by_hand=True), counts(**found), now)


def test_a_round_begins_to_wait_under_the_rule_of_its_stream(begin: Begin) -> None:
    waiting = begin({"share": 0.5, "deadline_hours": 2})

    batch = batch_of(waiting)
    started = waiting.run().stages[2].started_at
    assert (batch.share, batch.deadline) == (0.5, started + timedelta(hours=2))


def test_a_round_without_a_rule_waits_for_all_and_for_ever(waiting: Waiting) -> None:
    assert (batch_of(waiting).share, batch_of(waiting).deadline) == (1.0, None)


def test_the_answer_that_reaches_the_share_completes_the_round(begin: Begin) -> None:
    waiting = begin({"share": 0.6})

    assert [waiting.answer(query_id).closes_round for query_id in waiting.ids[:2]] == [False, True]
    assert close_complete_rounds(waiting.database, waiting.storage) == 1

    assert waiting.states() == ["accepted", "accepted", "withdrawn"]
    assert waiting.run().stages[2].message == "closed by its rule; 1 queries return to the pool"


def test_at_the_deadline_a_round_ends_with_what_it_has(begin: Begin) -> None:
    waiting = begin({"deadline_hours": 1})
    let_deadline_pass(waiting)
    # With nothing accepted there is nothing to go on with.
    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    with pytest.raises(NothingAnswered):
        close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE)

    assert waiting.answer(waiting.ids[0]).closes_round
    assert close_complete_rounds(waiting.database, waiting.storage) == 1
    assert waiting.states() == ["accepted", "withdrawn", "withdrawn"]


def let_grace_pass(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        past = database_now(session) - timedelta(milliseconds=1)
        session.execute(update(QueryBatch).where(QueryBatch.stage_id == waiting.stage.id).values(open_until=past))


def test_a_complete_round_waits_for_its_last_answer_to_be_taken_back(begin: Begin) -> None:
    waiting = begin({"grace_s": 30})

    submitted = [waiting.answer(query_id) for query_id in waiting.ids]

    assert [one.closes_at is None for one in submitted] == [True, True, False]
    assert not submitted[-1].closes_round
    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    with waiting.database.read() as session:
        left = batch_of(waiting).open_until - database_now(session)
    assert timedelta(seconds=20) < left <= timedelta(seconds=30)

    let_grace_pass(waiting)
    assert close_complete_rounds(waiting.database, waiting.storage) == 1
    assert waiting.run().stages[2].message == "all are answered"


def test_an_answer_that_is_taken_back_keeps_the_round_open(begin: Begin) -> None:
    waiting = begin({"grace_s": 30})
    for query_id in waiting.ids:
        waiting.answer(query_id)
    with waiting.database.write() as session:
        revise_answer(session, waiting.ids[2], "ann", lease_s=900, cause=CAUSE)

    let_grace_pass(waiting)
    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    # The next answer begins the time anew.
    assert not waiting.answer(waiting.ids[2], value=3).closes_round
    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    let_grace_pass(waiting)
    assert close_complete_rounds(waiting.database, waiting.storage) == 1


def test_a_query_that_is_skipped_last_can_be_opened_again_in_time(begin: Begin) -> None:
    waiting = begin({"grace_s": 30})
    for query_id in waiting.ids[:2]:
        waiting.answer(query_id)
    with waiting.database.write() as session:
        lease_next(session, waiting.stage.id, "ann", lease_s=900, cause=CAUSE)
        skip(session, waiting.ids[2], "ann", "unclear", cause=CAUSE)

    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    with waiting.database.write() as session:
        reopen_query(session, waiting.ids[2], cause=CAUSE)
    let_grace_pass(waiting)
    assert close_complete_rounds(waiting.database, waiting.storage) == 0


def test_a_complete_round_can_be_closed_by_hand_at_once(begin: Begin) -> None:
    waiting = begin({"grace_s": 30})
    for query_id in waiting.ids:
        waiting.answer(query_id)

    assert close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE)


def test_a_deadline_is_moved_and_taken_away_in_a_name(begin: Begin) -> None:
    waiting = begin({"deadline_hours": 1})
    waiting.answer(waiting.ids[0])
    let_deadline_pass(waiting)

    extend(waiting, 2.5)
    assert close_complete_rounds(waiting.database, waiting.storage) == 0
    with waiting.database.read() as session:
        left = session.get_one(QueryBatch, waiting.stage.id).deadline - database_now(session)
    assert timedelta(hours=2.4) < left <= timedelta(hours=2.5)
    extend(waiting, None)

    assert batch_of(waiting).deadline is None
    with waiting.database.read() as session:
        rows = session.query(Transition).filter_by(subject_id=waiting.stage.id, reason="extended").order_by("id")
        moves = [(row.cause, row.to_state, row.message) for row in rows]
    assert moves == [
        ("user:ann", "waiting_annotation", "the deadline is in 2.5 hours"),
        ("user:ann", "waiting_annotation", "there is no deadline"),
    ]


def test_a_round_that_does_not_wait_is_not_extended(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE)

    with pytest.raises(RoundClosed, match="its state is succeeded"):
        extend(waiting, 1)


def test_a_round_whose_share_was_reached_closes_only_by_hand_when_opened_again(begin: Begin) -> None:
    waiting = begin({"share": 0.3})
    waiting.answer(waiting.ids[0])
    close_complete_rounds(waiting.database, waiting.storage)
    with waiting.database.write() as session:
        reopen_round(session, waiting.stage.id, cause=CAUSE)

    assert not waiting.answer(waiting.ids[1]).closes_round
    assert close_complete_rounds(waiting.database, waiting.storage) == 0


def test_a_resumed_round_has_its_whole_time_again(begin: Begin) -> None:
    waiting = begin({"deadline_hours": 3})
    let_deadline_pass(waiting)
    with waiting.database.write() as session:
        request_cancel(session, waiting.stage.run_id, cause=USER)
    with waiting.database.write() as session:
        resume_run(session, waiting.stage.run_id, cause=USER)

    with waiting.database.read() as session:
        assert session.get_one(QueryBatch, waiting.stage.id).deadline > database_now(session) + timedelta(hours=2)
