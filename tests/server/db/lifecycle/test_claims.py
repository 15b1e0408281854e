from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from server.db.clock import database_now
from server.db.lifecycle import claim, renew, request_cancel
from server.db.models import Attempt, Stage
from server.db.session import Database
from tests.support.rows import USER, load_run, make_claim, make_run, make_stage


def _try(database: Database, stage: Stage, dispatch_no: int, worker_id: str = "w") -> bool:
    with database.write() as session:
        return claim(session, stage.id, dispatch_no, worker_id=worker_id, lease_ttl_s=60) is not None


def test_a_claim_opens_an_attempt_with_a_new_token_and_starts_the_run(any_database: Database) -> None:
    run = make_run(any_database)

    claimed = make_claim(any_database, run.stages[0], worker_id="gpu-1", lease_ttl_s=60)

    run = load_run(any_database, run.id)
    stage = run.stages[0]
    attempt = stage.attempts[0]
    with any_database.read() as session:
        left = attempt.lease_until - database_now(session)
    assert (run.state, stage.state, stage.fencing_token, stage.revision) == ("running", "running", 1, 3)
    assert (attempt.state, attempt.number, attempt.series, attempt.worker_id) == ("leased", 1, 1, "gpu-1")
    assert (claimed.number, claimed.series, claimed.lease.token) == (1, 1, 1)
    assert (claimed.lease.attempt_id, claimed.lease.stage_id, claimed.lease.run_id) == (attempt.id, stage.id, run.id)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    assert run.started_at is not None
    assert stage.started_at is not None


def test_a_message_delivered_three_times_opens_one_attempt(any_database: Database) -> None:
    stage = make_stage(any_database)

    outcomes = [_try(any_database, stage, 1, f"worker-{number}") for number in range(3)]

    attempts = load_run(any_database, stage.run_id).stages[0].attempts
    assert outcomes == [True, False, False]
    assert [attempt.worker_id for attempt in attempts] == ["worker-0"]


@pytest.mark.parametrize("dispatch_no", [0, 2])
def test_a_message_with_another_dispatch_number_is_void(database: Database, dispatch_no: int) -> None:
    stage = make_stage(database)

    assert not _try(database, stage, dispatch_no)
    assert load_run(database, stage.run_id).stages[0].state == "queued"


def test_a_stage_that_waits_for_an_earlier_one_cannot_be_claimed(database: Database) -> None:
    run = make_run(database)

    assert not _try(database, run.stages[1], 0)


def test_a_stage_of_a_cancelled_run_cannot_be_claimed(database: Database) -> None:
    stage = make_stage(database)
    with database.write() as session:
        request_cancel(session, stage.run_id, cause=USER)

    assert not _try(database, stage, 1)


def test_a_stage_that_does_not_exist_cannot_be_claimed(database: Database) -> None:
    with database.write() as session:
        assert claim(session, "nothing", 1, worker_id="w", lease_ttl_s=60) is None


def test_workers_that_compete_for_stages_get_each_exactly_once(any_database: Database) -> None:
    stages = [make_stage(any_database) for _ in range(20)]

    def compete(worker: int) -> list[str]:
        # An engine of its own, like another process; each worker goes through the stages in another order.
        own = Database(any_database.url, sqlite_synchronous="NORMAL")
        order = random.Random(worker).sample(stages, len(stages))
        won = [stage.id for stage in order if _try(own, stage, 1, f"worker-{worker}")]
        own.dispose()
        return won

    with ThreadPoolExecutor(4) as pool:
        won = [stage_id for ids in pool.map(compete, range(4)) for stage_id in ids]

    with any_database.read() as session:
        attempts = session.scalars(select(Attempt.stage_id)).all()
        tokens = session.scalars(select(Stage.fencing_token)).all()
    assert sorted(won) == sorted(stage.id for stage in stages)
    assert sorted(attempts) == sorted(won)
    assert set(tokens) == {1}


def test_the_database_itself_refuses_a_second_live_attempt(any_database: Database) -> None:
    stage = make_stage(any_database)
    claimed = make_claim(any_database, stage)
    copy = text(
        "INSERT INTO attempt (id, stage_id, number, series, fencing_token, worker_id, state, lease_until, last_seq,"
        " event_offset, log_offset, log_lines, deviations, started_at)"
        " SELECT 'second', stage_id, 2, series, 2, worker_id, 'leased', lease_until, 0, 0, 0, 0, deviations, started_at"
        " FROM attempt"
    )

    with pytest.raises(IntegrityError), any_database.write() as session:
        session.execute(copy)

    with any_database.write() as session:
        assert renew(session, claimed.lease, lease_ttl_s=60).cancel is False
