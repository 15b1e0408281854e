"""The slot for small jobs: it works beside training, goes on after an error, and ends with the worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from server.db.models import Dataset, Run
from server.db.session import Database
from server.settings import Settings
from tests.support.datasets import write_folder_dataset
from tests.support.registered import make_dataset
from tests.support.stand_in import stand_in
from tests.support.waiting import wait_until
from worker.context import WorkerContext
from worker.scan import scan_next
from worker.small_jobs import Job, SmallJobs
from worker.tasks import run_stage

MakeContext = Callable[..., WorkerContext]
Start = Callable[[WorkerContext, list[Job]], SmallJobs]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts the slot of a worker; it has ended when the test ends."""
    started: list[tuple[WorkerContext, SmallJobs]] = []

    def begin(context: WorkerContext, jobs: list[Job]) -> SmallJobs:
        started.append((context, SmallJobs(context, jobs, look_s=0.01)))
        started[-1][1].start()
        return started[-1][1]

    yield begin
    for context, jobs in started:
        context.shutdown.set()
        jobs.join()


@pytest.fixture
def dataset(database: Database, settings: Settings) -> Dataset:
    return make_dataset(
        database, write_folder_dataset(settings.data_roots[0] / "six", train=((1,),), evaluation=((1,),))
    )


def state(database: Database, dataset: Dataset) -> str:
    with database.read() as session:
        return session.get_one(Dataset, dataset.id).state


@pytest.mark.slow
def test_scan_ends_while_the_same_worker_trains(
    run: Run, dataset: Dataset, database: Database, make_context: MakeContext, start: Start
) -> None:
    context = make_context(stand_in("started", "obey"))
    training = threading.Thread(target=run_stage, args=(context, run.stages[0].id, 1))
    training.start()
    start(context, [scan_next])
    wait_until(lambda: state(database, dataset) == "ready")
    assert training.is_alive()
    context.shutdown.set()
    training.join(30)


def test_error_of_a_job_ends_neither_the_slot_nor_the_other_jobs(make_context: MakeContext, start: Start) -> None:
    done = threading.Semaphore(0)

    def fail(_context: WorkerContext) -> bool:
        raise RuntimeError("broken")

    def work(_context: WorkerContext) -> bool:
        done.release()
        return True

    start(make_context(), [fail, work])
    assert all(done.acquire(timeout=10) for _ in range(3))


def test_shutdown_gives_the_job_back(
    dataset: Dataset, database: Database, make_context: MakeContext, start: Start
) -> None:
    def wait(_folder: object, _guards: object) -> list[str]:
        return ["sleep", "600"]

    context = make_context()
    jobs = start(context, [partial(scan_next, command=wait)])

    def is_held() -> bool:
        with database.read() as session:
            return session.get_one(Dataset, dataset.id).lease_until is not None

    wait_until(is_held)
    context.shutdown.set()
    jobs.join()
    assert not is_held()


def test_worker_without_jobs_starts_no_thread(make_context: MakeContext, start: Start) -> None:
    start(make_context(), [])
    assert "small-jobs" not in {thread.name for thread in threading.enumerate()}
