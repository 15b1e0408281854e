from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from server.db.clock import database_now
from server.db.feed import events_after
from server.db.lifecycle import (
    IllegalTransition,
    RetryPolicy,
    request_cancel,
    settle_cancelled,
    settle_failed,
    settle_lost,
    settle_succeeded,
    settle_yielded,
)
from server.db.models import Dispatch, Run, Stage
from server.db.session import Database
from tests.support.rows import USER, load_attempt, load_run, make_claim, make_run, make_running_stage

OUTPUTS = {"model": {"": {"sha256": "a" * 64, "bytes": 3}}}


def _states(run: Run) -> list[str]:
    return [run.state, *(stage.state for stage in run.stages)]


def _seconds_to_wait(database: Database, stage: Stage) -> float:
    with database.read() as session:
        assert stage.not_before is not None
        return (stage.not_before - database_now(session)) / timedelta(seconds=1)


def test_success_stores_the_outputs_and_queues_the_next_stage(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)

    with any_database.write() as session:
        settle_succeeded(session, claimed.lease, OUTPUTS)

    run = load_run(any_database, run.id)
    with any_database.read() as session:
        dispatch = session.get_one(Dispatch, (run.stages[1].id, 1))
    assert _states(run) == ["queued", "succeeded", "queued", "pending"]
    assert run.stages[0].outputs == OUTPUTS
    assert run.stages[0].finished_at is not None
    assert load_attempt(any_database, claimed).state == "succeeded"
    assert (dispatch.queue, dispatch.sent_at) == ("default", None)


def test_success_of_the_last_stage_ends_the_run_and_tells_the_attempts(any_database: Database) -> None:
    run = make_run(any_database, num_stages=2)
    for stage in run.stages:
        claimed = make_claim(any_database, stage)
        with any_database.write() as session:
            settle_succeeded(session, claimed.lease, {})

    run = load_run(any_database, run.id)
    with any_database.read() as session:
        last = events_after(session, run.id, 0, 100)[-1]
    assert _states(run) == ["succeeded", "succeeded", "succeeded"]
    assert run.message == "all stages succeeded; attempts: step-0 1, step-1 1"
    assert run.finished_at is not None
    assert (last.type, last.payload, last.seq) == ("end", {"state": "succeeded"}, run.event_seq)


def test_nothing_of_a_stages_end_remains_when_its_transaction_fails(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)
    before = load_run(any_database, run.id)

    with pytest.raises(ZeroDivisionError), any_database.write() as session:
        settle_succeeded(session, claimed.lease, OUTPUTS)
        1 // 0  # noqa: B018

    after = load_run(any_database, run.id)
    with any_database.read() as session:
        dispatches = session.scalar(select(func.count()).select_from(Dispatch))
    assert _states(after) == _states(before) == ["running", "running", "pending", "pending"]
    assert (after.event_seq, after.revision, dispatches) == (before.event_seq, before.revision, 1)
    assert after.stages[0].outputs is None


def test_a_failure_that_may_pass_makes_the_stage_wait(any_database: Database) -> None:
    run, stage, claimed = make_running_stage(any_database)

    with any_database.write() as session:
        settle_failed(session, claimed.lease, "storage_error", "disk is away", "Traceback …", RetryPolicy())

    run = load_run(any_database, run.id)
    attempt = run.stages[0].attempts[0]
    assert _states(run) == ["queued", "retry_wait", "pending", "pending"]
    assert 7 < _seconds_to_wait(any_database, run.stages[0]) <= 12
    assert (attempt.state, attempt.reason, attempt.message) == ("failed", "storage_error", "disk is away")
    assert attempt.trace == "Traceback …"
    assert (run.stages[0].reason, run.stages[0].dispatch_no) == ("storage_error", 1)
    assert stage.id == run.stages[0].id


def test_a_failure_that_stays_ends_the_run_and_later_stages_stay_as_they_are(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)

    with any_database.write() as session:
        settle_failed(session, claimed.lease, "non_finite_loss", "loss is nan at iteration 3")

    run = load_run(any_database, run.id)
    assert _states(run) == ["failed", "failed", "pending", "pending"]
    assert run.reason == "non_finite_loss"
    assert run.message == ("stage step-0 failed: loss is nan at iteration 3; attempts: step-0 1, step-1 0, step-2 0")
    assert run.finished_at is not None


def test_the_third_failure_in_a_series_fails_the_run(any_database: Database) -> None:
    run = make_run(any_database, num_stages=1)
    policy = RetryPolicy(max_attempts=3, waits_s=(0.0,))
    for _ in range(3):
        claimed = make_claim(any_database, run.stages[0])
        with any_database.write() as session:
            settle_failed(session, claimed.lease, "storage_error", "no", None, policy)

    run = load_run(any_database, run.id)
    assert _states(run) == ["failed", "failed"]
    assert [attempt.number for attempt in run.stages[0].attempts] == [1, 2, 3]
    assert run.message == "stage step-0 failed: no; attempts: step-0 3"


def test_the_first_death_of_a_process_queues_the_stage_at_once(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)

    with any_database.write() as session:
        settle_lost(session, claimed.lease)

    run = load_run(any_database, run.id)
    assert _states(run) == ["queued", "queued", "pending", "pending"]
    assert run.stages[0].dispatch_no == 2
    assert (run.stages[0].attempts[0].state, run.stages[0].attempts[0].reason) == ("lost", "worker_lost")


def test_the_second_death_of_a_process_makes_the_stage_wait(database: Database) -> None:
    run = make_run(database)
    for _ in range(2):
        claimed = make_claim(database, run.stages[0])
        with database.write() as session:
            settle_lost(session, claimed.lease)

    run = load_run(database, run.id)
    assert _states(run) == ["queued", "retry_wait", "pending", "pending"]
    assert 47 < _seconds_to_wait(database, run.stages[0]) <= 72


def test_a_process_killed_for_memory_is_tried_again_once(database: Database) -> None:
    run = make_run(database, num_stages=1)
    policy = RetryPolicy(waits_s=(0.0,))
    outcomes = []
    for _ in range(2):
        claimed = make_claim(database, run.stages[0])
        with database.write() as session:
            settle_lost(session, claimed.lease, "host_out_of_memory", "the machine ran out of memory", policy)
        outcomes.append(_states(load_run(database, run.id)))

    assert outcomes == [["queued", "queued"], ["failed", "failed"]]


def test_yielding_queues_the_stage_at_once_and_uses_up_no_attempt(any_database: Database) -> None:
    run = make_run(any_database, num_stages=1)
    for _ in range(4):
        claimed = make_claim(any_database, run.stages[0])
        with any_database.write() as session:
            settle_yielded(session, claimed.lease)

    claimed = make_claim(any_database, run.stages[0])
    with any_database.write() as session:
        settle_failed(session, claimed.lease, "storage_error", "no", None, RetryPolicy(max_attempts=2, waits_s=(0.0,)))

    run = load_run(any_database, run.id)
    assert _states(run) == ["queued", "queued"]
    assert [attempt.state for attempt in run.stages[0].attempts] == ["yielded"] * 4 + ["failed"]
    assert run.stages[0].dispatch_no == 6


def test_an_acknowledged_cancellation_ends_run_and_stages(any_database: Database) -> None:
    run, _, claimed = make_running_stage(any_database)
    with any_database.write() as session:
        request_cancel(session, run.id, cause=USER)

    with any_database.write() as session:
        settle_cancelled(session, claimed.lease)

    run = load_run(any_database, run.id)
    assert _states(run) == ["cancelled"] * 4
    assert (run.reason, run.message) == ("cancelled_by_user", "cancelled; attempts: step-0 1, step-1 0, step-2 0")
    assert run.stages[0].attempts[0].state == "cancelled"


def test_a_cancellation_that_nobody_asked_for_is_refused(database: Database) -> None:
    run, _, claimed = make_running_stage(database)

    with pytest.raises(IllegalTransition), database.write() as session:
        settle_cancelled(session, claimed.lease)

    assert _states(load_run(database, run.id)) == ["running", "running", "pending", "pending"]


@pytest.mark.parametrize(
    ("ending", "stage", "attempt"),
    [
        (lambda session, lease: settle_succeeded(session, lease, OUTPUTS), "succeeded", "succeeded"),
        (lambda session, lease: settle_failed(session, lease, "storage_error", "no"), "cancelled", "failed"),
        (lambda session, lease: settle_failed(session, lease, "data_error", "no"), "cancelled", "failed"),
        (settle_lost, "cancelled", "lost"),
        (settle_yielded, "cancelled", "yielded"),
    ],
)
def test_however_its_stage_ends_a_run_that_is_being_cancelled_is_cancelled(
    any_database: Database, ending: object, stage: str, attempt: str
) -> None:
    run, _, claimed = make_running_stage(any_database, num_stages=2)
    with any_database.write() as session:
        request_cancel(session, run.id, cause=USER)

    with any_database.write() as session:
        ending(session, claimed.lease)  # type: ignore[operator]

    run = load_run(any_database, run.id)
    assert _states(run) == ["cancelled", stage, "cancelled"]
    assert run.stages[0].attempts[0].state == attempt
    assert run.reason == "cancelled_by_user"


def test_a_long_trace_is_cut(database: Database) -> None:
    _, _, claimed = make_running_stage(database)

    with database.write() as session:
        settle_failed(session, claimed.lease, "internal", "no", "x" * 100_000)

    trace = load_attempt(database, claimed).trace
    assert trace is not None
    assert len(trace.encode()) == 64 * 1024
