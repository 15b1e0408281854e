from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from server.db.clock import database_now
from server.db.lifecycle import (
    RetryPolicy,
    StaleLease,
    end_overdue_cancellation,
    expire_lease,
    guard,
    queue_retry,
    request_cancel,
    settle_failed,
    settle_succeeded,
)
from server.db.models import Stage
from server.db.session import Database
from tests.support.rows import USER, load_attempt, load_run, make_claim, make_run, make_running_stage

POLICY = RetryPolicy()


def test_an_expired_lease_gives_the_stage_back_at_once(any_database: Database) -> None:
    run = make_run(any_database)
    claimed = make_claim(any_database, run.stages[0], worker_id="gone@host:7", lease_ttl_s=-1)

    with any_database.write() as session:
        assert expire_lease(session, claimed.lease.attempt_id, POLICY)

    run = load_run(any_database, run.id)
    attempt = load_attempt(any_database, claimed)
    assert (run.state, run.stages[0].state, run.stages[0].dispatch_no) == ("queued", "queued", 2)
    assert (attempt.state, attempt.reason) == ("lost", "worker_lost")
    assert attempt.message == "worker gone@host:7 was silent past the end of its lease"


def test_a_lease_that_still_holds_is_left_alone(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)

    with any_database.write() as session:
        assert not expire_lease(session, claimed.lease.attempt_id, POLICY)

    assert load_run(any_database, run.id).state == "running"


def test_an_attempt_that_has_ended_or_is_unknown_does_not_expire(database: Database) -> None:
    run = make_run(database, num_stages=1)
    claimed = make_claim(database, run.stages[0], lease_ttl_s=-1)
    with database.write() as session:
        settle_succeeded(session, claimed.lease, {})

    with database.write() as session:
        outcomes = [expire_lease(session, attempt_id, POLICY) for attempt_id in (claimed.lease.attempt_id, "nothing")]

    assert outcomes == [False, False]
    assert load_run(database, run.id).state == "succeeded"


def test_a_stage_is_queued_once_its_wait_is_over(any_database: Database) -> None:
    run, stage, claimed = make_running_stage(any_database)
    with any_database.write() as session:
        settle_failed(session, claimed.lease, "storage_error", "no")

    with any_database.write() as session:
        too_early = queue_retry(session, stage.id)
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Stage).where(Stage.id == stage.id).values(not_before=past))
        in_time = queue_retry(session, stage.id)
        twice = queue_retry(session, stage.id)

    row = load_run(any_database, run.id)
    assert (too_early, in_time, twice) == (False, True, False)
    assert (row.state, row.stages[0].state, row.stages[0].dispatch_no) == ("queued", "queued", 2)
    assert row.stages[0].not_before is None


def test_an_unknown_stage_is_not_queued(database: Database) -> None:
    with database.write() as session:
        assert not queue_retry(session, "nothing")


def test_a_cancellation_that_nobody_acknowledges_ends_after_its_limit(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)
    with any_database.write() as session:
        request_cancel(session, run.id, cause=USER)

    with any_database.write() as session:
        too_early = end_overdue_cancellation(session, run.id, limit_s=100, policy=POLICY)
        in_time = end_overdue_cancellation(session, run.id, limit_s=-1, policy=POLICY)
        twice = end_overdue_cancellation(session, run.id, limit_s=-1, policy=POLICY)

    row = load_run(any_database, run.id)
    assert (too_early, in_time, twice) == (False, True, False)
    assert [row.state, *(stage.state for stage in row.stages)] == ["cancelled"] * 4
    assert load_attempt(any_database, claimed).state == "lost"
    with pytest.raises(StaleLease), any_database.write() as session:
        guard(session, claimed.lease)


def test_an_expired_lease_of_a_cancelled_run_ends_the_run(any_database: Database) -> None:
    run = make_run(any_database)
    claimed = make_claim(any_database, run.stages[0], lease_ttl_s=-1)
    with any_database.write() as session:
        request_cancel(session, run.id, cause=USER)

    with any_database.write() as session:
        expire_lease(session, claimed.lease.attempt_id, POLICY)

    assert load_run(any_database, run.id).state == "cancelled"
