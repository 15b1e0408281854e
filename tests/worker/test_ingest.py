"""Events of a folder become rows, once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.errors import ReasonCode
from core.stage import events
from core.stage.events import Event, EventWriter
from server.db import lifecycle
from server.db.migrate import upgrade
from server.db.models import (
    Artifact,
    Attempt,
    Checkpoint,
    Evaluation,
    LogLine,
    Run,
    RunEvent,
    SeriesPoint,
    Stage,
)
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.outage import UnreliableDatabase
from tests.support.rows import load_attempt, make_claim
from tests.support.stages import make_defined_run
from worker.ingest import HANDLERS, Ingestor

EVALUATION = events.Scores(
    split="val",
    step=0,
    iteration=2,
    domain="city-a",
    scores=[events.Score(metric="miou_present", value=0.75, group="all")],
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "attempt-1"
    path.mkdir()
    return path


@pytest.fixture
def writer(folder: Path) -> Iterator[EventWriter]:
    writer = EventWriter(folder / "events.jsonl")
    yield writer
    writer.close()


@pytest.fixture
def claim(database: Database, run: Run) -> lifecycle.Claim:
    return make_claim(database, run.stages[0])


@pytest.fixture
def ingestor(database: Database, storage: LocalStorage, claim: lifecycle.Claim, folder: Path) -> Ingestor:
    return Ingestor(database, storage, claim.lease, folder)


def rows(database: Database, statement: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(statement))


def feed(database: Database, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    statement = select(RunEvent).where(RunEvent.type.in_(kinds)).order_by(RunEvent.seq)
    return [(row.type, row.payload) for row in rows(database, statement)]


def checkpoint(folder: Path, iteration: int) -> events.CheckpointWritten:
    path = folder / "checkpoint" / str(iteration)
    path.mkdir(parents=True)
    data = f"state {iteration}".encode()
    (path / "model").write_bytes(data)
    files = {"model": hashlib.sha256(data).hexdigest()}
    return events.CheckpointWritten(iteration=iteration, path=f"checkpoint/{iteration}", files=files, bytes=len(data))


def test_every_event_type_has_a_handler() -> None:
    assert set(HANDLERS) == set(Event.__subclasses__())


def test_the_first_event_says_that_the_attempt_runs(
    database: Database, claim: lifecycle.Claim, ingestor: Ingestor, writer: EventWriter
) -> None:
    writer.emit(events.Started(device="cpu", code_version="1.2"))
    ingestor.poll()
    attempt = load_attempt(database, claim)
    assert (attempt.state, attempt.device, attempt.code_version) == ("running", "cpu", "1.2")
    assert attempt.resumed_iteration is None
    writer.emit(events.Started(device="cpu", code_version="1.2", parameters=99, deviations=["random weights"]))
    ingestor.poll()
    attempt = load_attempt(database, claim)
    assert (attempt.parameters, attempt.resumed_iteration, attempt.deviations) == (99, 0, ["random weights"])


def test_of_many_reports_of_progress_the_last_one_is_sent(
    database: Database, claim: lifecycle.Claim, ingestor: Ingestor, writer: EventWriter
) -> None:
    for iteration in (1, 2, 3):
        writer.emit(events.Progress(phase="train", iteration=iteration, total=10, images_per_second=40.0))
    ingestor.poll()
    assert load_attempt(database, claim).iteration == 3
    [(_, payload)] = feed(database, "progress")
    expected = {"phase": "train", "iteration": 3, "total": 10, "images_per_second": 40.0, "seconds_left": None}
    assert payload == {"stage_id": claim.lease.stage_id, "index": 0} | expected


def test_all_points_of_a_batch_are_one_message(
    database: Database, claim: lifecycle.Claim, ingestor: Ingestor, writer: EventWriter
) -> None:
    writer.emit(events.Metric(iteration=1, values={"loss": 0.5}))
    writer.emit(events.Metric(iteration=2, values={"loss": float("inf")}))
    ingestor.poll()
    [(_, payload)] = feed(database, "metric")
    assert payload["points"] == [
        {"key": "loss", "iteration": 1, "value": 0.5},
        {"key": "loss", "iteration": 2, "value": "Infinity"},
    ]
    assert (payload["stage_id"], payload["index"], payload["attempt"]) == (claim.lease.stage_id, 0, 1)
    assert [point.value for point in rows(database, select(SeriesPoint))] == [0.5, None]


def test_scores_become_an_evaluation_and_a_message(database: Database, ingestor: Ingestor, writer: EventWriter) -> None:
    writer.emit(EVALUATION)
    ingestor.poll()
    [evaluation] = rows(database, select(Evaluation))
    [(_, payload)] = feed(database, "score")
    assert (payload["evaluation_id"], payload["domain"]) == (evaluation.id, "city-a")
    assert (payload["score"], payload["score_name"], payload["run_score"]) == (0.75, "mIoU", 0.75)


def test_a_checkpoint_is_stored_before_its_row(
    database: Database, storage: LocalStorage, folder: Path, ingestor: Ingestor, writer: EventWriter
) -> None:
    for iteration in (2, 4, 6):
        writer.emit(checkpoint(folder, iteration))
        ingestor.poll()
    kept = rows(database, select(Checkpoint).order_by(Checkpoint.iteration))
    assert [(row.iteration, row.fencing_token) for row in kept] == [(4, 1), (6, 1)]
    stored = [storage.exists(hashlib.sha256(f"state {iteration}".encode()).hexdigest()) for iteration in (2, 4, 6)]
    assert stored == [False, True, True]
    assert [payload["iteration"] for _, payload in feed(database, "checkpoint")] == [2, 4, 6]


def test_of_a_checkpoint_that_was_removed_meanwhile_nothing_is_left(
    database: Database, storage: LocalStorage, folder: Path, ingestor: Ingestor, writer: EventWriter
) -> None:
    event = checkpoint(folder, 2)
    writer.emit(event.model_copy(update={"files": event.files | {"optimizer": "0" * 64}}))
    ingestor.poll()
    assert rows(database, select(Checkpoint)) == []
    assert not storage.exists(event.files["model"])
    assert feed(database, "checkpoint") == []


def test_an_artifact_is_stored_and_announced(
    database: Database, storage: LocalStorage, folder: Path, ingestor: Ingestor, writer: EventWriter
) -> None:
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "report.json").write_text("{}")
    sha256 = hashlib.sha256(b"{}").hexdigest()
    writer.emit(events.ArtifactWritten(kind="report", path="artifacts/report.json", bytes=2, sha256=sha256))
    ingestor.poll()
    [row] = rows(database, select(Artifact))
    assert (row.name, row.kind, row.sha256) == ("report.json", "report", sha256)
    assert storage.path(sha256).read_text() == "{}"
    assert [payload["name"] for _, payload in feed(database, "artifact")] == ["report.json"]


def test_printed_and_logged_lines_share_one_numbering(
    database: Database, folder: Path, ingestor: Ingestor, writer: EventWriter
) -> None:
    writer.log("warning", "only 3 instances")
    (folder / "out.log").write_text("printed\nand half a li")
    ingestor.poll()
    (folder / "out.log").write_text("printed\nand half a line")
    ingestor.drain()
    lines = rows(database, select(LogLine).order_by(LogLine.number))
    assert [(line.number, line.level, line.text) for line in lines] == [
        (1, "warning", "only 3 instances"),
        (2, "info", "printed"),
        (3, "info", "and half a line"),
    ]
    assert [line["number"] for _, payload in feed(database, "log") for line in payload["lines"]] == [1, 2, 3]


def test_the_reason_of_a_failure_is_kept_for_the_settlement(ingestor: Ingestor, writer: EventWriter) -> None:
    writer.emit(events.Failed(reason=ReasonCode.DATA_ERROR, error="no such file", trace="..."))
    writer.emit(events.Interrupted(iteration=3))
    ingestor.drain()
    assert ingestor.failure is not None
    assert (ingestor.failure.reason, ingestor.failure.error) == ("data_error", "no such file")


def test_half_a_line_is_left_for_the_next_read(
    database: Database, claim: lifecycle.Claim, folder: Path, ingestor: Ingestor, writer: EventWriter
) -> None:
    writer.emit(events.Metric(iteration=1, values={"loss": 0.5}))
    path = folder / "events.jsonl"
    whole, line = path.read_bytes(), json.dumps({"seq": 2, "type": "log", "level": "info", "text": "x"}).encode()
    path.write_bytes(whole + line[:10])
    ingestor.poll()
    assert (load_attempt(database, claim).last_seq, load_attempt(database, claim).event_offset) == (1, len(whole))
    path.write_bytes(whole + line + b"\n")
    ingestor.poll()
    assert load_attempt(database, claim).last_seq == 2


def test_reading_the_folder_again_from_the_start_changes_nothing(
    database: Database,
    storage: LocalStorage,
    claim: lifecycle.Claim,
    folder: Path,
    ingestor: Ingestor,
    writer: EventWriter,
) -> None:
    writer.emit(events.Started(device="cpu", code_version="1"))
    writer.emit(events.Metric(iteration=1, values={"loss": 0.5}))
    writer.emit(EVALUATION)
    writer.emit(checkpoint(folder, 2))
    writer.log("info", "hello")
    (folder / "out.log").write_text("printed\n")
    ingestor.drain()

    def counts() -> list[int]:
        with database.read() as session:
            return [
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (SeriesPoint, Evaluation, Checkpoint, LogLine, RunEvent)
            ]

    before = counts()
    assert before[:4] == [1, 1, 1, 2]
    Ingestor(database, storage, claim.lease, folder).drain()
    assert counts() == before


def test_an_attempt_that_was_replaced_writes_nothing(
    database: Database, claim: lifecycle.Claim, ingestor: Ingestor, writer: EventWriter
) -> None:
    writer.emit(events.Metric(iteration=1, values={"loss": 0.5}))
    with database.write() as session:
        session.execute(update(Stage).where(Stage.id == claim.lease.stage_id).values(fencing_token=2))
    with pytest.raises(lifecycle.StaleLease):
        ingestor.poll()
    assert rows(database, select(SeriesPoint)) == []


@pytest.fixture
def unreliable(settings: Settings, run: Run) -> Iterator[UnreliableDatabase]:
    database = UnreliableDatabase(settings.database_url)
    yield database
    database.dispose()


def test_events_wait_in_the_folder_while_the_database_is_away(
    unreliable: UnreliableDatabase, storage: LocalStorage, claim: lifecycle.Claim, folder: Path, writer: EventWriter
) -> None:
    ingestor = Ingestor(unreliable, storage, claim.lease, folder)
    unreliable.away.set()
    for iteration in (1, 2):
        writer.emit(events.Metric(iteration=iteration, values={"loss": 0.5}))
        ingestor.poll()
    assert unreliable.refused == 2
    unreliable.away.clear()
    ingestor.poll()
    assert [point.iteration for point in rows(unreliable, select(SeriesPoint))] == [1, 2]


def test_a_commit_whose_answer_was_lost_is_not_repeated(
    database: Database, storage: LocalStorage, claim: lifecycle.Claim, folder: Path, writer: EventWriter
) -> None:
    first, second = (Ingestor(database, storage, claim.lease, folder) for _ in range(2))
    writer.log("info", "one")
    (folder / "out.log").write_text("printed\n")
    first.poll()
    writer.log("info", "two")
    # The second stands for the first that never heard of its commit: it reads everything again.
    second.poll()
    second.drain()
    assert [line.text for line in rows(database, select(LogLine).order_by(LogLine.number))] == ["one", "printed", "two"]


@pytest.mark.services
def test_the_same_rows_are_written_on_postgresql(
    postgres_run: tuple[Database, Run], storage: LocalStorage, folder: Path, writer: EventWriter
) -> None:
    database, run = postgres_run
    claim = make_claim(database, run.stages[0])
    writer.emit(events.Started(device="cpu", code_version="1", parameters=1))
    writer.emit(events.Metric(iteration=1, values={"loss": 0.5, "nan": float("nan")}))
    writer.emit(EVALUATION)
    writer.emit(checkpoint(folder, 2))
    writer.emit(checkpoint(folder, 4))
    writer.emit(checkpoint(folder, 6))
    writer.log("info", "a\x00b")
    Ingestor(database, storage, claim.lease, folder).drain()
    assert sorted(row.iteration for row in rows(database, select(Checkpoint))) == [4, 6]
    assert sorted(point.key for point in rows(database, select(SeriesPoint))) == ["loss", "nan"]
    assert [row.last_seq for row in rows(database, select(Attempt))] == [7]


@pytest.fixture
def postgres_run(postgres_url: str) -> Iterator[tuple[Database, Run]]:
    upgrade(postgres_url)
    database = Database(postgres_url)
    yield database, make_defined_run(database)
    database.dispose()
