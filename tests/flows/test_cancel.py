"""A run is cancelled in each of its states, and continued as if nothing had happened."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from server.db import lifecycle
from server.db.models import Run
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.database import make_template, open_copy
from tests.support.flow_run import DOCUMENT, SEED, Undisturbed, learned
from tests.support.installation import STAGE_S, START_S, Installation
from tests.support.processes import is_alive, is_pending
from tests.support.rows import load_run
from tests.support.serving import application, serve
from tests.support.stages import make_defined_run
from tests.support.stand_in import stand_in
from tests.support.waiting import wait_until
from worker.context import WorkerContext
from worker.devices import WorkerBeat, identify
from worker.tasks import run_stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_a_run_cancelled_while_it_trains_is_continued_to_the_same_weights(
    installation: Installation, undisturbed: Undisturbed
) -> None:
    installation.start_server()
    installation.start("scheduler")
    worker = installation.start("worker")
    client = installation.client
    run_id = client.submit(DOCUMENT, seed=SEED).id
    pid = installation.freeze_stage(worker, run_id, 0)
    assert client.cancel(run_id).state == "cancelling"
    assert client.cancel(run_id).state == "cancelling"
    # The stage is let go once the worker has asked it: before that, it might be done with its work.
    wait_until(lambda: is_pending(pid, signal.SIGTERM), START_S, "the worker's request to stop")
    os.kill(pid, signal.SIGCONT)
    ended = client.wait(run_id, STAGE_S)
    assert (ended.state, [stage.state for stage in ended.stages]) == ("cancelled", ["cancelled"] * 3)
    assert installation.attempt_states(run_id) == [["cancelled"], [], []]
    assert not is_alive(pid)
    # What was done until the request is kept: the stage saved itself before it left.
    kept = installation.checkpoints(installation.stages(run_id)[0].id)[0].iteration
    assert kept >= installation.stages(run_id)[0].attempts[0].iteration > 0

    assert client.resume(run_id).state == "queued"
    ended = client.wait(run_id, STAGE_S)
    assert (ended.state, installation.attempt_states(run_id)[0]) == ("succeeded", ["cancelled", "succeeded"])
    assert installation.stages(run_id)[0].attempts[1].resumed_iteration == kept
    assert learned(installation.database, run_id) == undisturbed.learned


def test_a_cancelled_run_ends_although_its_worker_is_frozen(installation: Installation) -> None:
    installation.start_server()
    installation.start("scheduler")
    worker = installation.start("worker")
    run_id = installation.client.submit(DOCUMENT, seed=SEED).id
    pid = installation.freeze_stage(worker, run_id, 0)
    worker.send_signal(signal.SIGSTOP)
    installation.client.cancel(run_id)
    assert installation.client.wait(run_id, START_S).state == "cancelled"
    worker.send_signal(signal.SIGCONT)
    wait_until(lambda: not is_alive(pid), START_S, "the end of the stage process")
    wait_until(lambda: installation.attempt_states(run_id) == [["fenced"], [], []], START_S)
    assert installation.client.run(run_id).state == "cancelled"


@dataclass
class Bench:
    """The API, and a worker whose stages are stand-ins: every state is reached without training anything."""

    database: Database
    context: WorkerContext
    http: httpx.Client
    run: Run

    def cancel(self) -> int:
        """Ask for the cancellation; return the status of the answer."""
        return self.http.post(f"/runs/{self.run.id}/cancel").status_code

    def work(self, *steps: str, number: int = 1) -> None:
        """Let the worker take the first stage."""
        run_stage(replace(self.context, command=stand_in(*steps)), self.run.stages[0].id, number)

    @property
    def states(self) -> tuple[str, list[str]]:
        """States of the run and its stages."""
        run = load_run(self.database, self.run.id)
        return run.state, [stage.state for stage in run.stages]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a migrated, empty SQLite file; only to be copied."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> Iterator[Bench]:
    settings = Settings(home=tmp_path / "home", sqlite_synchronous="NORMAL", heartbeat_s=0.1, lease_ttl_s=30, threads=1)
    settings.home.mkdir()
    database = open_copy(template, settings.home / "palimpsest.db")
    shutdown = threading.Event()
    identity = identify("bench", ("default",), ())
    beat = WorkerBeat(database, identity, heartbeat_s=60, shutdown=shutdown)
    storage = LocalStorage(settings.storage_folder)
    context = WorkerContext(settings, database, storage, identity, beat, shutdown)
    with serve(application(settings, database)) as service:
        yield Bench(database, context, service.http, make_defined_run(database))
    database.dispose()


ALL_CANCELLED = ("cancelled", ["cancelled"] * 3)


def test_a_queued_run_is_cancelled_at_once_and_its_message_is_void(bench: Bench) -> None:
    assert bench.cancel() == 202
    assert bench.states == ALL_CANCELLED
    bench.work("started", "result")
    assert bench.states == ALL_CANCELLED
    assert load_run(bench.database, bench.run.id).stages[0].attempts == []


def test_a_run_between_two_stages_keeps_what_is_done(bench: Bench) -> None:
    bench.work("started", "result")
    assert bench.cancel() == 202
    assert bench.states == ("cancelled", ["succeeded", "cancelled", "cancelled"])


def test_a_run_that_waits_for_its_next_attempt_is_cancelled_at_once(bench: Bench) -> None:
    bench.work("started", "leave:3")
    assert bench.states == ("queued", ["retry_wait", "pending", "pending"])
    assert bench.cancel() == 202
    assert bench.states == ALL_CANCELLED


def test_a_running_run_is_cancelled_by_its_worker_and_a_second_request_changes_nothing(bench: Bench) -> None:
    thread = threading.Thread(target=bench.work, args=("started", "obey"))
    thread.start()
    folder = bench.context.machine.runs_folder / bench.run.id / "0-step-0" / "attempt-1"
    wait_until((folder / "events.jsonl").exists)
    assert [bench.cancel(), bench.cancel()] == [202, 200]
    thread.join(START_S)
    assert bench.states == ALL_CANCELLED


def test_a_stage_that_succeeds_although_it_was_cancelled_ends_the_run_as_cancelled(bench: Bench) -> None:
    thread = threading.Thread(target=bench.work, args=("started", "result", "obey"))
    thread.start()
    folder = bench.context.machine.runs_folder / bench.run.id / "0-step-0" / "attempt-1"
    wait_until((folder / "result.json").exists)
    assert bench.cancel() == 202
    thread.join(START_S)
    assert bench.states == ("cancelled", ["succeeded", "cancelled", "cancelled"])


def test_a_cancelled_run_stays_as_it_is(bench: Bench) -> None:
    assert [bench.cancel(), bench.cancel()] == [202, 200]
    assert bench.states == ALL_CANCELLED


def test_a_failed_run_cannot_be_cancelled(bench: Bench) -> None:
    bench.work("started", "fail:data_error:no such file")
    assert bench.cancel() == 409
    assert bench.states == ("failed", ["failed", "pending", "pending"])


def test_a_run_that_succeeded_cannot_be_cancelled(bench: Bench) -> None:
    for stage in bench.run.stages:
        run_stage(replace(bench.context, command=stand_in("started", "result")), stage.id, 1)
    assert bench.cancel() == 409
    assert bench.states == ("succeeded", ["succeeded"] * 3)


def test_a_draft_is_cancelled_at_once(bench: Bench) -> None:
    with bench.database.write() as session:
        experiment = session.get_one(Run, bench.run.id).experiment
        draft = Run(experiment=experiment, seed=1)
        session.add(draft)
        session.flush()
        _, is_changed = lifecycle.request_cancel(session, draft.id, cause=lifecycle.Cause("user:test"))
    assert is_changed
    assert load_run(bench.database, draft.id).state == "cancelled"
