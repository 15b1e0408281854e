from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from celery import Celery
from sqlalchemy import func, select, update

from server.db.base import utc_now
from server.db.lifecycle import claim, request_cancel, settle_failed, settle_succeeded
from server.db.models import Attempt, Dispatch, IdempotencyKey, Run, RunEvent, SchedulerLock, Stage, Worker
from server.db.session import Database
from server.queue import dispatch_after_commit, make_celery
from server.scheduler import (
    SchedulerLoop,
    drop_lock,
    reaper_pass,
    retry_pass,
    sweep_pass,
    take_lock,
)
from server.settings import Settings
from tests.support.rows import USER, load_run, make_claim, make_run, make_running_stage, make_stage
from tests.support.waiting import wait_until


@pytest.fixture
def celery(settings: Settings) -> Celery:
    return make_celery(settings)


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Told to the loop at the end, also when the test fails."""
    event = threading.Event()
    yield event
    event.set()


def _in_queue(celery: Celery) -> int:
    size: int = celery.connection().default_channel._size("default")
    return size


def _let_wait(database: Database, reason: str, *, due_in_s: float) -> Stage:
    _, stage, claimed = make_running_stage(database)
    with database.write() as session:
        settle_failed(session, claimed.lease, reason, "no")
        not_before = utc_now() + timedelta(seconds=due_in_s)
        session.execute(update(Stage).where(Stage.id == stage.id).values(not_before=not_before))
    return stage


def test_a_stage_is_queued_when_its_wait_is_over_and_not_before(any_database: Database, settings: Settings) -> None:
    due, waiting = (_let_wait(any_database, "storage_error", due_in_s=seconds) for seconds in (-1, 100))

    queued = retry_pass(any_database, settings)

    with any_database.read() as session:
        states = [session.get_one(Stage, stage.id).state for stage in (due, waiting)]
    assert queued == 1
    assert states == ["queued", "retry_wait"]


def test_after_a_full_disk_a_stage_waits_until_there_is_space(database: Database, settings: Settings) -> None:
    _let_wait(database, "disk_full", due_in_s=-1)
    _let_wait(database, "storage_error", due_in_s=-1)
    free = shutil.disk_usage(settings.home).free
    full = settings.model_copy(update={"min_free_bytes": free * 2})
    spacious = settings.model_copy(update={"min_free_bytes": 0})

    queued = [retry_pass(database, full), retry_pass(database, spacious)]

    assert queued == [1, 1]


def test_the_reaper_gives_back_what_silent_workers_held_and_nothing_else(
    any_database: Database, settings: Settings
) -> None:
    silent, alive = make_stage(any_database), make_stage(any_database)
    make_claim(any_database, silent, lease_ttl_s=-1)
    make_claim(any_database, alive)

    ended = [reaper_pass(any_database, settings) for _ in range(2)]

    with any_database.read() as session:
        states = [session.get_one(Stage, stage.id).state for stage in (silent, alive)]
    assert ended == [1, 0]
    assert states == ["queued", "running"]


def test_reapers_at_the_same_time_lose_an_attempt_once(any_database: Database, settings: Settings) -> None:
    stages = [make_stage(any_database) for _ in range(6)]
    for stage in stages:
        make_claim(any_database, stage, lease_ttl_s=-1)

    with ThreadPoolExecutor(3) as pool:
        ended = sum(pool.map(lambda _: reaper_pass(any_database, settings), range(3)))

    with any_database.read() as session:
        numbers = session.scalars(select(Stage.dispatch_no)).all()
        states = session.scalars(select(Attempt.state)).all()
    assert ended == 6
    assert (set(numbers), set(states)) == ({2}, {"lost"})


def test_the_reaper_uses_the_settings_number_of_attempts(database: Database, settings: Settings) -> None:
    stage = make_stage(database)
    make_claim(database, stage, lease_ttl_s=-1)

    reaper_pass(database, settings.model_copy(update={"max_attempts": 1}))

    run = load_run(database, stage.run_id)
    assert (run.state, run.reason) == ("failed", "worker_lost")


def test_the_reaper_ends_a_cancellation_that_is_overdue(any_database: Database, settings: Settings) -> None:
    run, _, _ = make_running_stage(any_database)
    with any_database.write() as session:
        request_cancel(session, run.id, cause=USER)

    in_time = reaper_pass(any_database, settings)
    overdue = reaper_pass(any_database, settings.model_copy(update={"cancel_limit_s": -1}))

    assert (in_time, overdue) == (0, 1)
    assert load_run(any_database, run.id).state == "cancelled"


def _finish(database: Database, *, days_ago: float) -> Run:
    run, _, claimed = make_running_stage(database, num_stages=1)
    with database.write() as session:
        settle_succeeded(session, claimed.lease, {})
        finished_at = utc_now() - timedelta(days=days_ago)
        session.execute(update(Run).where(Run.id == run.id).values(finished_at=finished_at))
        session.execute(update(Dispatch).values(created_at=finished_at))
    return run


def test_housekeeping_trims_the_events_of_runs_that_ended_long_ago(any_database: Database, settings: Settings) -> None:
    old, recent = _finish(any_database, days_ago=8), _finish(any_database, days_ago=6)
    going_on = make_run(any_database)

    sweep_pass(any_database, settings)

    with any_database.read() as session:
        kept = set(session.scalars(select(RunEvent.run_id)).all())
        number = session.get_one(Run, old.id).event_seq
    assert kept == {recent.id, going_on.id}
    # The numbering goes on after a resume, so that no reader takes a new event for an old one.
    assert number > 0


def test_housekeeping_deletes_void_messages_and_keeps_open_ones(any_database: Database, settings: Settings) -> None:
    _finish(any_database, days_ago=8)
    waiting = make_stage(any_database)
    with any_database.write() as session:
        session.execute(update(Dispatch).values(created_at=utc_now() - timedelta(days=8)))

    sweep_pass(any_database, settings)

    with any_database.read() as session:
        assert session.scalars(select(Dispatch.stage_id)).all() == [waiting.id]


def test_housekeeping_marks_silent_workers_and_forgets_them_after_a_day(
    any_database: Database, settings: Settings
) -> None:
    silent_s = {"alive": 10, "silent": 70, "gone": 25 * 3600}
    with any_database.write() as session:
        for name, seconds in silent_s.items():
            seen = utc_now() - timedelta(seconds=seconds)
            worker = Worker(id=name, host="h", state="idle", queues=[], devices=[], versions={}, last_seen_at=seen)
            session.add(worker)

    sweep_pass(any_database, settings)

    with any_database.read() as session:
        states = {worker.id: worker.state for worker in session.scalars(select(Worker)).all()}
    assert states == {"alive": "idle", "silent": "offline"}


def test_the_lock_is_held_by_one_until_it_expires_or_is_dropped(any_database: Database) -> None:
    first = [take_lock(any_database, "a"), take_lock(any_database, "b"), take_lock(any_database, "a")]
    drop_lock(any_database, "b")
    still = take_lock(any_database, "b")
    drop_lock(any_database, "a")
    dropped = take_lock(any_database, "b", ttl_s=-1)
    expired = take_lock(any_database, "a")

    assert first == [True, False, True]
    assert (still, dropped, expired) == (False, True, True)


def test_schedulers_that_start_together_share_one_lock(any_database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda name: take_lock(any_database, name), "abcd"))

    assert sorted(outcomes) == [False, False, False, True]


FAST = {"dispatch_s": 0.01, "reaper_s": 0.01, "requeue_after_s": 0.05, "requeue_every_s": 0.05}


@contextmanager
def _running(loop: SchedulerLoop, stop: threading.Event) -> Iterator[None]:
    """Run a loop in a thread, and see it end when it is told to."""
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def _can_be_claimed(database: Database, stage: Stage, dispatch_no: int) -> bool:
    with database.write() as session:
        return claim(session, stage.id, dispatch_no, worker_id="w", lease_ttl_s=60) is not None


def test_the_loop_sends_reaps_and_gives_its_lock_back(
    any_database: Database, celery: Celery, settings: Settings, stop: threading.Event
) -> None:
    stage = make_stage(any_database)
    make_claim(any_database, stage, lease_ttl_s=-1)
    loop = SchedulerLoop(any_database, celery, settings.model_copy(update=FAST), stop)

    with _running(loop, stop):
        wait_until(lambda: _can_be_claimed(any_database, stage, 2), what="the stage is queued again")

    with any_database.read() as session:
        locks = session.scalar(select(func.count()).select_from(SchedulerLock))
    assert locks == 0


def test_the_loop_sends_messages_again_after_they_were_wiped(
    database: Database, celery: Celery, settings: Settings, stop: threading.Event
) -> None:
    dispatch_after_commit(database, celery)
    stage = make_stage(database)
    shutil.rmtree(settings.broker_folder)
    loop = SchedulerLoop(database, celery, settings.model_copy(update=FAST), stop)

    with _running(loop, stop):
        wait_until(lambda: _in_queue(celery) > 0, what="the message is sent again")

    with database.read() as session:
        assert session.get_one(Dispatch, (stage.id, 1)).times_sent >= 2


def test_the_loop_goes_on_after_an_error(
    database: Database,
    celery: Celery,
    settings: Settings,
    stop: threading.Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = make_stage(database)
    make_claim(database, stage, lease_ttl_s=-1)
    # The duty before the reaper fails at each turn: a file is in the way of the folder whose disk it measures.
    elsewhere = settings.home / "file"
    elsewhere.touch()
    broken = settings.model_copy(update={**FAST, "home": elsewhere})
    loop = SchedulerLoop(database, celery, broken, stop)

    with caplog.at_level(logging.ERROR, "server.scheduler"), _running(loop, stop):
        wait_until(lambda: _can_be_claimed(database, stage, 2), what="the stage is queued again")

    assert "the scheduler's retry pass failed; it is made again" in caplog.text


def test_a_loop_that_does_not_hold_the_lock_leaves_the_work_to_the_other(
    database: Database, celery: Celery, settings: Settings, stop: threading.Event
) -> None:
    make_stage(database)
    take_lock(database, "another", ttl_s=3600)
    loop = SchedulerLoop(database, celery, settings.model_copy(update=FAST), stop)

    with _running(loop, stop):
        stop.wait(0.2)

    with database.read() as session:
        assert session.get_one(SchedulerLock, "scheduler").holder == "another"
    assert _in_queue(celery) == 0


def test_answers_are_kept_for_a_day(any_database: Database, settings: Settings) -> None:
    with any_database.write() as session:
        for key, age_h in (("old", 25), ("new", 23)):
            session.add(
                IdempotencyKey(
                    principal="local",
                    operation="POST /api/v1/runs",
                    key=key,
                    request_sha256="0" * 64,
                    status=201,
                    headers={},
                    body="{}",
                    created_at=utc_now() - timedelta(hours=age_h),
                )
            )

    sweep_pass(any_database, settings)

    with any_database.read() as session:
        assert session.scalars(select(IdempotencyKey.key)).all() == ["new"]
