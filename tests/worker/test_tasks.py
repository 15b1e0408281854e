"""The whole way of a stage on a worker, with a stand-in for the training."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from celery.exceptions import Reject
from sqlalchemy import select

from server.db import lifecycle
from server.db.models import Artifact, Attempt, Checkpoint, Run, SeriesPoint, Stage, Worker
from server.db.session import Database
from server.embedded_broker import waiting_messages
from server.queue import make_celery, publish
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.outage import UnreliableDatabase
from tests.support.rows import USER, load_run
from tests.support.stages import digest
from tests.support.stand_in import stand_in
from tests.support.waiting import wait_until
from worker.context import WorkerContext
from worker.process import CommandBuilder, Guards
from worker.tasks import run_stage

MakeContext = Callable[..., WorkerContext]


def states(database: Database, run: Run) -> tuple[str, list[str], list[str]]:
    """Return the states of the run, its stages, and the attempts at the first stage."""
    after = load_run(database, run.id)
    attempts = [attempt.state for attempt in after.stages[0].attempts]
    return after.state, [stage.state for stage in after.stages], attempts


def cancel(database: Database, run: Run) -> None:
    with database.write() as session:
        lifecycle.request_cancel(session, run.id, cause=USER)


def lose(database: Database) -> None:
    """Take the stage away from the only attempt, as the reaper does when a lease has run out."""
    with database.write() as session:
        attempt = session.scalars(select(Attempt)).one()
        token = session.get_one(Stage, attempt.stage_id).fencing_token
        lifecycle.settle_lost(session, lifecycle.Lease(attempt.id, attempt.stage_id, attempt.stage.run_id, token))


@contextmanager
def in_background(context: WorkerContext, run: Run, folder: str = "attempt-1") -> Iterator[Path]:
    """Run the first stage in a thread; inside the context its process runs, afterwards it has been settled."""
    thread = threading.Thread(target=run_stage, args=(context, run.stages[0].id, 1))
    thread.start()
    path = context.machine.runs_folder / run.id / "0-step-0" / folder
    wait_until((path / "events.jsonl").exists)
    yield path
    thread.join(30)
    assert not thread.is_alive()


def test_a_stage_that_succeeds_queues_the_next_with_its_outputs(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    run_stage(make_context(stand_in("started", "metric:1:0.5", "checkpoint:1", "result:abc")), run.stages[0].id, 1)
    assert states(database, run) == ("queued", ["succeeded", "queued", "pending"], ["succeeded"])
    context = make_context(stand_in("started", "result:def"))
    run_stage(context, run.stages[1].id, 1)
    folder = context.machine.runs_folder / run.id / "1-step-1" / "attempt-1"
    after = load_run(database, run.id)
    assert after.stages[1].outputs == {"model": {"model.bin": {"sha256": digest("def"), "bytes": 3}}}
    assert not folder.exists()


def test_the_next_stage_finds_the_outputs_of_the_one_before(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    run_stage(make_context(stand_in("started", "result:abc")), run.stages[0].id, 1)
    context = make_context(stand_in("started", "fail:data_error:no"))
    run_stage(context, run.stages[1].id, 1)
    folder = context.machine.runs_folder / run.id / "1-step-1" / "attempt-1"
    assert (folder / "inputs" / "model" / "model.bin").read_text() == "abc"


def test_a_message_that_comes_three_times_makes_one_attempt(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    context = make_context(stand_in("started", "result"))
    for _ in range(3):
        run_stage(context, run.stages[0].id, 1)
    assert states(database, run) == ("queued", ["succeeded", "queued", "pending"], ["succeeded"])


def test_messages_of_a_running_stage_are_dropped(run: Run, database: Database, make_context: MakeContext) -> None:
    context = make_context(stand_in("started", "obey"))
    with in_background(context, run):
        run_stage(context, run.stages[0].id, 1)
        cancel(database, run)
    assert states(database, run)[2] == ["cancelled"]


def test_a_killed_process_is_replaced_from_its_checkpoint_and_its_late_points_are_hidden(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    first = stand_in("started", "metric:1:0.9", "checkpoint:1", "metric:2:0.1", "die:9")
    run_stage(make_context(first), run.stages[0].id, 1)
    assert states(database, run) == ("queued", ["queued", "pending", "pending"], ["lost"])
    context = make_context(stand_in("started:1", "metric:2:0.8", "fail:data_error:enough"))
    run_stage(context, run.stages[0].id, 2)
    folder = context.machine.runs_folder / run.id / "0-step-0" / "attempt-2"
    assert (folder / "resume" / "1" / "1" / "model.bin").read_text() == "state after 1"
    with database.read() as session:
        visible = select(SeriesPoint).where(SeriesPoint.is_hidden.is_(False)).order_by(SeriesPoint.iteration)
        points = [(point.attempt_number, point.iteration, point.value) for point in session.scalars(visible)]
    assert points == [(1, 1, 0.9), (2, 2, 0.8)]


def test_folders_go_when_their_attempt_has_ended_and_nothing_is_left_of_the_run(
    run: Run, database: Database, storage: LocalStorage, make_context: MakeContext
) -> None:
    context = make_context(stand_in("started", "checkpoint:1", "die:9"))
    left_by_a_dead_worker = context.machine.runs_folder / run.id / "0-step-0" / "attempt-1"
    run_stage(context, run.stages[0].id, 1)
    assert not left_by_a_dead_worker.exists()
    left_by_a_dead_worker.mkdir(parents=True)
    run_stage(make_context(stand_in("started", "result:abc")), run.stages[0].id, 2)
    assert states(database, run)[2] == ["lost", "succeeded"]
    assert list(context.machine.runs_folder.iterdir()) == []
    with database.read() as session:
        named = {row.sha256 for row in session.scalars(select(Artifact))}
        named |= {sha256 for row in session.scalars(select(Checkpoint)) for sha256 in row.files.values()}
    stored = {path.name for path in context.settings.storage_folder.rglob("*") if path.is_file()}
    assert stored == named


def test_folders_can_be_kept_to_look_into_them(run: Run, settings: Settings, make_context: MakeContext) -> None:
    context = replace(
        make_context(stand_in("started", "result:abc")), settings=settings.model_copy(update={"keep_folders": True})
    )
    run_stage(context, run.stages[0].id, 1)
    folder = context.machine.runs_folder / run.id / "0-step-0" / "attempt-1"
    assert (folder / "result.json").exists()


def test_the_folder_of_a_stage_that_failed_for_good_stays(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    context = make_context(stand_in("started", "checkpoint:1", "fail:config_error:no such thing"))
    run_stage(context, run.stages[0].id, 1)
    assert states(database, run) == ("failed", ["failed", "pending", "pending"], ["failed"])
    folder = context.machine.runs_folder / run.id / "0-step-0" / "attempt-1"
    assert {path.name for path in folder.iterdir()} == {"spec.json", "events.jsonl", "out.log", "checkpoint"}


def test_a_run_cancelled_while_it_trains_ends_with_a_checkpoint(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    with in_background(make_context(stand_in("started", "obey")), run):
        cancel(database, run)
    assert states(database, run) == ("cancelled", ["cancelled"] * 3, ["cancelled"])
    with database.read() as session:
        assert [row.iteration for row in session.scalars(select(Checkpoint))] == [9]


def test_a_run_cancelled_before_its_process_starts_starts_none(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    started = []

    def cancel_instead(folder: Path, guards: Guards) -> tuple[str, ...]:
        started.append(folder)
        return ("true",)

    context = make_context(cancel_instead)
    slow = replace(context, storage=_CancellingStorage(context.settings.storage_folder, database, run))
    run_stage(slow, run.stages[0].id, 1)
    assert started == []
    assert states(database, run) == ("cancelled", ["cancelled"] * 3, ["cancelled"])


class _CancellingStorage(LocalStorage):
    """Cancels the run while the folder is prepared, and waits until the worker has heard of it."""

    def __init__(self, root: Path, database: Database, run: Run) -> None:
        super().__init__(root)
        self._database, self._run = database, run

    def put_file(self, path: Path, *, sha256: str | None = None, move: bool = False) -> str:
        cancel(self._database, self._run)
        before = self._lease_until()
        wait_until(lambda: self._lease_until() > before)
        return super().put_file(path, sha256=sha256, move=move)

    def _lease_until(self) -> str:
        with self._database.read() as session:
            return session.scalars(select(Attempt.lease_until)).one().isoformat()


def test_a_worker_that_shuts_down_gives_its_stage_back_and_another_goes_on(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    context = make_context(stand_in("started", "obey"))
    with in_background(context, run):
        context.shutdown.set()
    assert states(database, run) == ("queued", ["queued", "pending", "pending"], ["yielded"])
    run_stage(make_context(stand_in("started:9", "result")), run.stages[0].id, 2)
    assert states(database, run) == ("queued", ["succeeded", "queued", "pending"], ["yielded", "succeeded"])


def test_a_worker_that_shuts_down_sends_messages_back(run: Run, database: Database, make_context: MakeContext) -> None:
    context = make_context(stand_in("started", "result"))
    context.shutdown.set()
    with pytest.raises(Reject) as rejected:
        run_stage(context, run.stages[0].id, 1)
    assert rejected.value.requeue
    assert states(database, run)[1] == ["queued", "pending", "pending"]


def test_an_attempt_that_was_replaced_is_fenced_and_changes_nothing(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    context = make_context(stand_in("started", "ignore"))
    with in_background(context, run):
        lose(database)
    assert states(database, run) == ("queued", ["queued", "pending", "pending"], ["fenced"])


def test_an_input_that_is_gone_is_a_storage_error_that_is_tried_again(
    run: Run, database: Database, storage: LocalStorage, make_context: MakeContext
) -> None:
    run_stage(make_context(stand_in("started", "result:abc")), run.stages[0].id, 1)
    storage.delete(digest("abc"))
    run_stage(make_context(stand_in("started", "result:def")), run.stages[1].id, 1)
    stage = load_run(database, run.id).stages[1]
    assert (stage.state, stage.reason, stage.attempts[0].state) == ("retry_wait", "storage_error", "failed")


def test_an_output_that_is_not_what_it_says_is_a_storage_error(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    run_stage(make_context(_spoil_the_result("started", "result:abc")), run.stages[0].id, 1)
    stage = load_run(database, run.id).stages[0]
    assert (stage.state, stage.reason) == ("retry_wait", "storage_error")
    assert "is damaged" in (stage.message or "")


def _spoil_the_result(*steps: str) -> CommandBuilder:
    def build(folder: Path, guards: Guards) -> tuple[str, ...]:
        command = " ".join(f"'{part}'" for part in stand_in(*steps)(folder, guards))
        return ("sh", "-c", f"{command}; printf xyz > {folder}/artifacts/model/model.bin")

    return build


def test_an_error_of_ours_is_settled_as_internal_with_its_trace(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    def broken(folder: Path, guards: Guards) -> tuple[str, ...]:
        raise ZeroDivisionError("a mistake in the worker")

    run_stage(make_context(broken), run.stages[0].id, 1)
    attempt = load_run(database, run.id).stages[0].attempts[0]
    assert (attempt.state, attempt.reason) == ("failed", "internal")
    assert attempt.message == "ZeroDivisionError: a mistake in the worker"
    assert "Traceback" in (attempt.trace or "")


def test_a_stage_ends_well_although_the_database_was_away_at_its_end(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    unreliable = UnreliableDatabase(database.url)
    context = replace(make_context(stand_in("started", "metric:1:0.5", "obey")), database=unreliable)
    with in_background(context, run):
        wait_until(lambda: states(database, run)[2] == ["leased"] or states(database, run)[2] == ["running"])
        unreliable.away.set()
        context.shutdown.set()
        wait_until(lambda: unreliable.refused > 5)
        assert states(database, run)[1][0] == "running"
        unreliable.away.clear()
    assert states(database, run) == ("queued", ["queued", "pending", "pending"], ["yielded"])
    unreliable.dispose()


def test_the_worker_s_row_shows_the_stage_while_it_runs(
    run: Run, database: Database, make_context: MakeContext
) -> None:
    def shown() -> list[tuple[str, str | None]]:
        with database.read() as session:
            return [(worker.state, worker.stage_id) for worker in session.scalars(select(Worker))]

    with in_background(make_context(stand_in("started", "obey")), run):
        assert shown() == [("busy", run.stages[0].id)]
        cancel(database, run)
    assert shown() == [("idle", None)]


def test_a_void_message_takes_all_other_void_ones_out_of_the_embedded_broker(
    run: Run, database: Database, settings: Settings, make_context: MakeContext
) -> None:
    celery = make_celery(settings)
    for number in (5, 6, 7):
        publish(celery, run.stages[0].id, number, "default")
    publish(celery, run.stages[0].id, 1, "default")

    run_stage(make_context(stand_in("started", "result:abc")), run.stages[0].id, 4)

    assert set(waiting_messages(settings)) == {f"stage-{run.stages[0].id}-1"}
    assert states(database, run) == ("queued", ["queued", "pending", "pending"], [])
