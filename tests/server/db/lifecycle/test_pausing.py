"""Runs that a person pauses and resumes: nothing is claimed meanwhile, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from core.errors import ReasonCode
from server.db import lifecycle
from server.db.feed import events_after
from server.db.lifecycle import Cause, Claim, IllegalTransition, RetryPolicy, claim, in_queue_order
from server.db.models import Run, Stage, Transition
from server.db.session import Database
from tests.support.rows import (
    LEASE_TTL_S,
    USER,
    WORKER_ID,
    load_attempt,
    load_run,
    make_claim,
    make_run,
    make_running_stage,
)

FEW = RetryPolicy(max_attempts=2, waits_s=(30.0,))


def _states(database: Database, run_id: str) -> list[str]:
    run = load_run(database, run_id)
    return [run.state, *(stage.state for stage in run.stages)]


def _pause(database: Database, run_id: str, cause: Cause = USER) -> bool:
    with database.write() as session:
        return lifecycle.request_pause(session, run_id, cause=cause)[1]


def _resume(database: Database, run_id: str) -> bool:
    with database.write() as session:
        return lifecycle.resume_run(session, run_id, cause=USER)[1]


def _queue(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(in_queue_order(Run.id)))


def test_queued_run_pauses_at_once_and_its_open_message_is_void(any_database: Database) -> None:
    run = make_run(any_database)
    number = load_run(any_database, run.id).stages[0].dispatch_no

    assert _pause(any_database, run.id)

    with any_database.write() as session:
        claimed = claim(session, run.stages[0].id, number, worker_id=WORKER_ID, lease_ttl_s=LEASE_TTL_S)
    assert claimed is None
    assert _states(any_database, run.id) == ["paused", "pending", "pending", "pending"]
    assert _queue(any_database) == []
    assert _resume(any_database, run.id)
    assert _states(any_database, run.id) == ["queued", "queued", "pending", "pending"]


def test_paused_run_keeps_its_place_before_and_after_it_has_begun(database: Database) -> None:
    first, second, third = (make_run(database).id for _ in range(3))
    _pause(database, first)
    assert _queue(database) == [second, third]
    _resume(database, first)
    assert _queue(database) == [first, second, third]

    begun = load_run(database, third)
    claimed = make_claim(database, begun.stages[0])
    _pause(database, third)
    with database.write() as session:
        lifecycle.settle_yielded(session, claimed.lease)
    _resume(database, third)
    assert _queue(database) == [third, first, second]


def test_worker_of_a_running_run_is_asked_with_its_next_heartbeat(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)

    assert _pause(any_database, run.id)

    with any_database.write() as session:
        answer = lifecycle.renew(session, claimed.lease, lease_ttl_s=LEASE_TTL_S)
    row = load_run(any_database, run.id)
    assert (answer.cancel, answer.pause, answer.yield_) == (False, True, False)
    assert (row.state, row.is_pausing) == ("running", True)


def _yield(database: Database, claimed: Claim) -> None:
    with database.write() as session:
        lifecycle.settle_yielded(session, claimed.lease)


def _fail_once(database: Database, claimed: Claim) -> None:
    with database.write() as session:
        lifecycle.settle_failed(session, claimed.lease, ReasonCode.STORAGE_ERROR, "no", policy=FEW)


def _lose(database: Database, claimed: Claim) -> None:
    with database.write() as session:
        lifecycle.settle_lost(session, claimed.lease)


@pytest.mark.parametrize("end", [_yield, _fail_once, _lose])
def test_run_pauses_however_its_attempt_ends_and_goes_on_in_the_same_series(
    any_database: Database, end: Callable[[Database, Claim], None]
) -> None:
    run, _, claimed = make_running_stage(any_database)
    _pause(any_database, run.id)

    end(any_database, claimed)

    row = load_run(any_database, run.id)
    assert _states(any_database, run.id) == ["paused", "pending", "pending", "pending"]
    assert (row.is_pausing, row.stages[0].not_before, row.finished_at) == (False, None, None)
    assert _resume(any_database, run.id)
    assert _states(any_database, run.id) == ["queued", "queued", "pending", "pending"]
    again = make_claim(any_database, row.stages[0])
    assert (again.number, again.series) == (2, 1)


def test_yielded_attempt_says_so_and_costs_none(database: Database) -> None:
    run, _, claimed = make_running_stage(database)
    _pause(database, run.id)

    _yield(database, claimed)

    assert load_attempt(database, claimed).state == "yielded"


def test_run_pauses_at_the_end_of_its_stage_before_the_next_is_queued(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)
    _pause(any_database, run.id)

    with any_database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, {})

    assert _states(any_database, run.id) == ["paused", "succeeded", "pending", "pending"]


def test_last_stage_that_ends_leaves_nothing_to_pause(database: Database) -> None:
    run, _, claimed = make_running_stage(database, num_stages=1)
    _pause(database, run.id)

    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, {})

    assert _states(database, run.id) == ["succeeded", "succeeded"]
    assert not load_run(database, run.id).is_pausing


def test_stage_that_waits_for_a_retry_waits_for_its_run_instead(database: Database) -> None:
    run, _, claimed = make_running_stage(database)
    _fail_once(database, claimed)
    assert _states(database, run.id)[:2] == ["queued", "retry_wait"]

    assert _pause(database, run.id)

    assert _states(database, run.id)[:2] == ["paused", "pending"]
    with database.write() as session:
        assert not lifecycle.queue_retry(session, run.stages[0].id)


def test_failure_for_good_and_cancel_go_before_a_pause(database: Database) -> None:
    failed, _, claimed = make_running_stage(database)
    cancelled, _, other = make_running_stage(database)
    _pause(database, failed.id)
    _pause(database, cancelled.id)

    with database.write() as session:
        lifecycle.settle_failed(session, claimed.lease, ReasonCode.DATA_ERROR, "no")
        lifecycle.request_cancel(session, cancelled.id, cause=USER)
    _yield(database, other)

    assert load_run(database, failed.id).state == "failed"
    assert load_run(database, cancelled.id).state == "cancelled"
    assert [load_run(database, run.id).is_pausing for run in (failed, cancelled)] == [False, False]


def test_request_to_pause_is_taken_back_by_a_resume(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)
    _pause(any_database, run.id)

    assert _resume(any_database, run.id)

    with any_database.write() as session:
        answer = lifecycle.renew(session, claimed.lease, lease_ttl_s=LEASE_TTL_S)
    assert not answer.pause
    # A stage that was told to stop already is queued again by itself.
    _yield(any_database, claimed)
    assert _states(any_database, run.id) == ["queued", "queued", "pending", "pending"]


def test_repeated_requests_change_nothing(any_database: Database) -> None:
    queued, (running, _, _) = make_run(any_database), make_running_stage(any_database)
    once = Cause("user:test", transition_id="once")

    outcomes = [_pause(any_database, run.id) for run in (queued, queued, running, running)]
    _resume(any_database, running.id)
    repeated = [_pause(any_database, running.id, once), _resume(any_database, running.id)]
    repeated.append(_pause(any_database, running.id, once))

    assert outcomes == [True, False, True, False]
    assert repeated == [True, True, False]


@pytest.mark.parametrize("state", ["draft", "cancelling", "cancelled", "succeeded", "failed"])
def test_other_runs_cannot_be_paused(database: Database, state: str) -> None:
    run = make_run(database)
    with database.write() as session:
        session.execute(update(Run).values(state=state))

    with pytest.raises(IllegalTransition) as refusal:
        _pause(database, run.id)

    assert (refusal.value.present, refusal.value.wanted) == (state, "paused")


def test_feed_and_history_tell_the_request_and_the_pause(database: Database) -> None:
    run, _, claimed = make_running_stage(database)
    _pause(database, run.id)
    _yield(database, claimed)

    with database.read() as session:
        told = [event.payload for event in events_after(session, run.id, 0, 100) if event.type == "state"]
        moves = session.execute(
            select(Transition.from_state, Transition.to_state, Transition.cause)
            .where(Transition.subject_id == run.id)
            .order_by(Transition.id.desc())
            .limit(2)
        ).all()
    told_last = [(payload["state"], payload["is_pausing"]) for payload in told[-2:]]
    assert told_last == [("running", True), ("paused", False)]
    assert [tuple(move) for move in moves] == [
        ("running", "paused", f"worker:{WORKER_ID}"),
        ("running", "running", "user:test"),
    ]


def test_paused_run_is_cancelled_at_once(database: Database) -> None:
    run = make_run(database)
    _pause(database, run.id)

    with database.write() as session:
        assert lifecycle.request_cancel(session, run.id, cause=USER)[1]

    assert _states(database, run.id) == ["cancelled"] * 4


def test_run_with_people_goes_back_to_waiting(database: Database) -> None:
    run = make_run(database)
    with database.write() as session:
        session.execute(update(Stage).where(Stage.id == run.stages[0].id).values(state="waiting_annotation"))
        session.execute(update(Run).values(state="waiting"))

    assert _pause(database, run.id)
    assert _states(database, run.id) == ["paused", "waiting_annotation", "pending", "pending"]
    assert _resume(database, run.id)
    assert _states(database, run.id) == ["waiting", "waiting_annotation", "pending", "pending"]
