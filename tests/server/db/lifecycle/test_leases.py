from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle import (
    Lease,
    RetryPolicy,
    StaleLease,
    expire_lease,
    fence,
    guard,
    mark_running,
    renew,
    request_cancel,
    settle_cancelled,
    settle_failed,
    settle_lost,
    settle_succeeded,
    settle_yielded,
)
from server.db.models import Stage, Transition, Worker
from server.db.session import Database
from tests.support.rows import USER, WORKER_ID, load_attempt, load_run, make_claim, make_stage

WRITES: dict[str, Callable[[Session, Lease], object]] = {
    "renew": lambda session, lease: renew(session, lease, lease_ttl_s=60),
    "guard": guard,
    "mark_running": mark_running,
    "settle_succeeded": lambda session, lease: settle_succeeded(session, lease, {}),
    "settle_failed": lambda session, lease: settle_failed(session, lease, "internal", "no"),
    "settle_lost": settle_lost,
    "settle_yielded": settle_yielded,
    "settle_cancelled": settle_cancelled,
}


def _lose(database: Database, lease: Lease) -> None:
    with database.write() as session:
        assert expire_lease(session, lease.attempt_id, RetryPolicy())


def _snapshot(database: Database, stage: Stage) -> list[object]:
    run = load_run(database, stage.run_id)
    attempts = [(attempt.state, attempt.lease_until) for attempt in run.stages[0].attempts]
    return [run.state, run.revision, run.event_seq, run.stages[0].state, run.stages[0].revision, attempts]


def test_renewing_moves_the_end_of_the_lease(any_database: Database) -> None:
    claimed = make_claim(any_database, make_stage(any_database), lease_ttl_s=1)

    with any_database.write() as session:
        answer = renew(session, claimed.lease, lease_ttl_s=600)
        left = answer.lease_until - database_now(session)

    assert load_attempt(any_database, claimed).lease_until == answer.lease_until
    assert timedelta(seconds=590) < left <= timedelta(seconds=600)
    assert (answer.cancel, answer.yield_) == (False, False)


def test_the_answer_to_a_heartbeat_says_that_the_run_is_being_cancelled(any_database: Database) -> None:
    stage = make_stage(any_database)
    claimed = make_claim(any_database, stage)
    with any_database.write() as session:
        request_cancel(session, stage.run_id, cause=USER)

    with any_database.write() as session:
        answer = renew(session, claimed.lease, lease_ttl_s=60)

    assert answer.cancel


def test_the_answer_to_a_heartbeat_says_that_the_worker_is_to_drain(database: Database) -> None:
    claimed = make_claim(database, make_stage(database))
    with database.write() as session:
        session.add(Worker(id=WORKER_ID, host="host", state="draining", queues=[], devices=[], versions={}))

    with database.write() as session:
        answer = renew(session, claimed.lease, lease_ttl_s=60)

    assert answer.yield_


def test_marking_as_running_twice_moves_the_attempt_once(any_database: Database) -> None:
    claimed = make_claim(any_database, make_stage(any_database))

    for _ in range(2):
        with any_database.write() as session:
            mark_running(session, claimed.lease)

    with any_database.read() as session:
        history = session.scalars(
            select(Transition.to_state).where(Transition.subject_id == claimed.lease.attempt_id).order_by(Transition.id)
        ).all()
    assert history == ["leased", "running"]


def test_guard_gives_the_attempt_with_its_stage(any_database: Database) -> None:
    stage = make_stage(any_database)
    claimed = make_claim(any_database, stage)

    with any_database.write() as session:
        attempt = guard(session, claimed.lease)
        found = (attempt.id, attempt.stage.id, attempt.stage.run.id)

    assert found == (claimed.lease.attempt_id, stage.id, stage.run_id)


@pytest.mark.parametrize("write", WRITES)
def test_a_worker_whose_stage_was_given_to_another_changes_nothing(any_database: Database, write: str) -> None:
    stage = make_stage(any_database)
    frozen = make_claim(any_database, stage, lease_ttl_s=-1)
    _lose(any_database, frozen.lease)
    make_claim(any_database, stage, worker_id="second")
    before = _snapshot(any_database, stage)

    with pytest.raises(StaleLease), any_database.write() as session:
        WRITES[write](session, frozen.lease)

    assert _snapshot(any_database, stage) == before


@pytest.mark.parametrize("write", WRITES)
def test_a_late_message_does_not_leave_a_finished_run(database: Database, write: str) -> None:
    stage = make_stage(database)
    claimed = make_claim(database, stage)
    with database.write() as session:
        settle_succeeded(session, claimed.lease, {})
    before = _snapshot(database, stage)

    with pytest.raises(StaleLease), database.write() as session:
        WRITES[write](session, claimed.lease)

    assert _snapshot(database, stage) == before
    assert before[0] == "succeeded"


def test_another_token_is_refused_even_while_the_attempt_lives(database: Database) -> None:
    claimed = make_claim(database, make_stage(database))
    forged = replace(claimed.lease, token=claimed.lease.token + 1)

    with pytest.raises(StaleLease, match="with token 2 no longer owns stage"), database.write() as session:
        guard(session, forged)
    with pytest.raises(StaleLease), database.write() as session:
        renew(session, forged, lease_ttl_s=60)


def test_an_attempt_that_does_not_exist_is_stale(database: Database) -> None:
    nobody = Lease("attempt", "stage", "run", 1)

    with pytest.raises(StaleLease), database.write() as session:
        guard(session, nobody)


def test_a_lost_attempt_whose_worker_comes_back_is_fenced_once(any_database: Database) -> None:
    claimed = make_claim(any_database, make_stage(any_database), lease_ttl_s=-1)
    _lose(any_database, claimed.lease)

    marked = []
    for _ in range(2):
        with any_database.write() as session:
            marked.append(fence(session, claimed.lease))

    attempt = load_attempt(any_database, claimed)
    assert marked == [True, False]
    assert (attempt.state, attempt.reason) == ("fenced", "worker_lost")


def test_a_live_attempt_is_not_fenced(database: Database) -> None:
    claimed = make_claim(database, make_stage(database))

    with database.write() as session:
        assert not fence(session, claimed.lease)

    assert load_attempt(database, claimed).state == "leased"
