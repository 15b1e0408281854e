"""The thread that keeps a lease alive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from server.db import lifecycle
from server.db.clock import database_now
from server.db.models import Attempt, Run, Worker
from server.db.session import Database
from server.settings import Settings
from tests.support.outage import UnreliableDatabase
from tests.support.rows import USER, WORKER_ID, load_attempt, make_claim
from tests.support.waiting import wait_until
from worker.lease import LeaseKeeper


def keeper_of(database: Database, claim: lifecycle.Claim, heartbeat_s: float = 0.05) -> LeaseKeeper:
    return LeaseKeeper(database, claim.lease, heartbeat_s=heartbeat_s, lease_ttl_s=60)


def make_short_claim(database: Database, run: Run) -> lifecycle.Claim:
    return make_claim(database, run.stages[0], lease_ttl_s=0.01)


@pytest.fixture
def unreliable(settings: Settings, run: Run) -> Iterator[UnreliableDatabase]:
    database = UnreliableDatabase(settings.database_url)
    yield database
    database.dispose()


def seconds_left(database: Database, claim: lifecycle.Claim) -> float:
    with database.read() as session:
        attempt = session.get_one(Attempt, claim.lease.attempt_id)
        return (attempt.lease_until - database_now(session)) / timedelta(seconds=1)


def test_the_lease_is_renewed_in_the_background(database: Database, run: Run) -> None:
    claim = make_short_claim(database, run)
    with keeper_of(database, claim):
        wait_until(lambda: seconds_left(database, claim) > 50, 10)


def test_a_cancelled_run_is_noticed_with_the_next_beat(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    keeper = keeper_of(database, claim)
    keeper.beat()
    assert not keeper.wants_cancel
    with database.write() as session:
        lifecycle.request_cancel(session, run.id, cause=USER)
    keeper.beat()
    assert (keeper.wants_cancel, keeper.wants_yield, keeper.is_lost) == (True, False, False)


def test_a_pause_is_noticed_with_the_next_beat_and_can_be_taken_back(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    with database.write() as session:
        lifecycle.mark_running(session, claim.lease)
        lifecycle.request_pause(session, run.id, cause=USER)
    keeper = keeper_of(database, claim)
    keeper.beat()
    assert (keeper.wants_cancel, keeper.wants_pause, keeper.wants_yield) == (False, True, False)
    with database.write() as session:
        lifecycle.resume_run(session, run.id, cause=USER)
    keeper.beat()
    assert not keeper.wants_pause


def test_a_worker_that_is_to_drain_gives_its_stage_back(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    with database.write() as session:
        session.add(Worker(id=WORKER_ID, host="host", state="draining", queues=[], devices=[], versions={}))
    keeper = keeper_of(database, claim)
    keeper.beat()
    assert keeper.wants_yield


def test_a_lease_that_was_given_away_ends_the_thread(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    with database.write() as session:
        lifecycle.settle_lost(session, claim.lease)
    with keeper_of(database, claim) as keeper:
        wait_until(lambda: keeper.is_lost, 10)


def test_a_lease_survives_an_outage_and_is_renewed_on_return(unreliable: UnreliableDatabase, run: Run) -> None:
    claim = make_short_claim(unreliable, run)
    unreliable.away.set()
    with keeper_of(unreliable, claim) as keeper:
        wait_until(lambda: unreliable.refused >= 2, 10)
        assert not keeper.is_lost
        unreliable.away.clear()
        wait_until(lambda: seconds_left(unreliable, claim) > 50, 10)
    assert load_attempt(unreliable, claim).state == "leased"
