"""Places in the queue of workers, and the estimate of the wait."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import update

from server.db import lifecycle
from server.db.base import utc_now
from server.db.models import Attempt, Experiment, Run, Stage, Worker
from server.db.session import Database
from server.schemas.runs import QueuePlace
from server.services.runs.queue_places import queue_places
from tests.support.rows import make_claim, make_run


def places(database: Database, runs: Sequence[Run]) -> list[QueuePlace | None]:
    with database.read() as session:
        found = queue_places(session, [run.id for run in runs])
    return [found.get(run.id) for run in runs]


def add_worker(database: Database, *, stage: Stage | None = None, silent_s: float = 0) -> None:
    with database.write() as session:
        seen = utc_now() - timedelta(seconds=silent_s)
        kind = {"host": "host", "devices": [], "versions": {}, "queues": ["default"]}
        row = Worker(id=f"w-{stage.id if stage else silent_s}", state="busy", last_seen_at=seen, **kind)
        row.stage_id = stage.id if stage else None
        session.add(row)


def running(database: Database, *, seconds_left: float) -> Run:
    """Return a run of three equal stages whose first is half done, and which a worker holds."""
    run = make_run(database)
    make_claim(database, run.stages[0])
    with database.write() as session:
        half = {"iteration": 5, "total_iterations": 10, "seconds_left": seconds_left}
        session.execute(update(Attempt).where(Attempt.stage_id == run.stages[0].id).values(**half))
    add_worker(database, stage=run.stages[0])
    return run


def finished(database: Database, digest: str, *, seconds: float) -> None:
    """Add a run of an experiment that has succeeded; each of its three stages took so long."""
    run, end = make_run(database), utc_now()
    with database.write() as session:
        session.execute(update(Experiment).where(Experiment.id == run.experiment_id).values(digest=digest))
        session.execute(update(Run).where(Run.id == run.id).values(state="succeeded", finished_at=end))
        times = {"state": "succeeded", "started_at": end - timedelta(seconds=seconds), "finished_at": end}
        session.execute(update(Stage).where(Stage.run_id == run.id).values(**times))


def test_places_follow_priority_then_arrival(any_database: Database) -> None:
    first, second, urgent = (make_run(any_database) for _ in range(3))
    with any_database.write() as session:
        session.execute(update(Run).where(Run.id == urgent.id).values(priority=5))
    found = places(any_database, [first, second, urgent])
    assert [(place.position, place.length) if place else None for place in found] == [(2, 3), (3, 3), (1, 3)]
    claim = lifecycle.claim_next(any_database, first.stages[0].id, 1, worker_id="test@host:1", lease_ttl_s=60)
    assert claim is not None
    assert claim.lease.run_id == urgent.id


def test_wait_is_the_rest_of_the_run_at_work_and_of_those_before(any_database: Database) -> None:
    running(any_database, seconds_left=10)  # 10 s of this stage, and 20 s of each of the two after it
    first, second, third = (make_run(any_database) for _ in range(3))
    finished(any_database, first.experiment.digest, seconds=4)
    found = places(any_database, [first, second, third])
    assert [place.seconds if place else None for place in found] == [50, 62, 74]


def test_two_workers_share_the_queue(database: Database) -> None:
    running(database, seconds_left=10)
    running(database, seconds_left=1)
    first, second = make_run(database), make_run(database)
    finished(database, first.experiment.digest, seconds=100)
    found = places(database, [first, second])
    assert [place.seconds if place else None for place in found] == [5, 50]


def test_behind_work_of_unknown_length_only_the_place_is_told(database: Database) -> None:
    add_worker(database)
    new, behind = make_run(database), make_run(database)
    found = places(database, [new, behind])
    assert [(place.position, place.seconds) if place else None for place in found] == [(1, 0.0), (2, None)]


def test_without_a_worker_nobody_can_tell(database: Database) -> None:
    add_worker(database, silent_s=61)
    (place,) = places(database, [make_run(database)])
    assert place == QueuePlace(position=1, length=1, seconds=None)


def test_run_that_does_not_wait_has_no_place(database: Database) -> None:
    run = running(database, seconds_left=1)
    assert places(database, [run]) == [None]
