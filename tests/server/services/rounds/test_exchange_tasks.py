"""Exports and imports in the background (IO-1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from server.db.clock import database_now
from server.db.lifecycle import Cause
from server.db.models import ExchangeTask, Stage
from server.db.session import Database
from server.errors import NotFoundError, TooCostlyError
from server.schemas.exchange import ExportRequest, ImportTerms
from server.services.rounds import exchange_tasks
from server.services.rounds.exchange_process import Bench
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.exported import zip_of
from tests.support.label_rounds import filled, make_waiting_round, png
from tests.support.waiting import wait_until

IMAGES = ("ulm_1", "bonn_2")
ANN = Cause("user:ann")
TERMS = ImportTerms.model_validate({"author": "ann", "format": "index_png"})
ORDER = ExportRequest.model_validate({"author": "ann", "format": "index_png"})


@pytest.fixture
def stage(database: Database, settings: Settings, tmp_path: Path) -> Stage:
    """A round of two queries that waits for people."""
    return make_waiting_round(database, LocalStorage(settings.storage_folder), tmp_path / "asked", IMAGES)


@pytest.fixture
def bench(settings: Settings, database: Database) -> Bench:
    """What tasks work on."""
    return Bench(settings, database.url)


def ended(database: Database, task_id: str) -> Any:
    """Wait until a task has ended, and return it."""

    def find() -> Any:
        with database.read() as session:
            task = exchange_tasks.show(session, task_id)
        return task if task.state in {"succeeded", "failed"} else None

    return wait_until(find, 120, f"the end of {task_id}")


def imported(database: Database, bench: Bench, stage: Stage, tmp_path: Path, content: bytes) -> Any:
    path = tmp_path / "labels.zip"
    path.write_bytes(content)
    with path.open("rb") as archive:
        task = exchange_tasks.begin_import(database, bench, stage.id, archive, (TERMS, ANN))
    # The request is over, and with it its file.
    return ended(database, task.id)


def test_labels_come_and_leave_while_nobody_waits_for_the_answer(
    database: Database, bench: Bench, stage: Stage, tmp_path: Path
) -> None:
    labels = zip_of({f"labels/{name}.png": png(filled(7)) for name in IMAGES}).getvalue()

    came = imported(database, bench, stage, tmp_path, labels)
    left = ended(database, exchange_tasks.begin_export(database, bench, stage.id, ORDER).id)

    assert (came.state, came.done, came.total) == ("succeeded", 2, 2)
    assert (came.report.counts.accepted, came.report.is_round_closed, came.export) == (2, True, None)
    assert (left.state, left.done, left.total, left.export.answers) == ("succeeded", 2, 2, 2)
    assert left.export.artifact.kind == "export"
    with database.read() as session:
        listed = exchange_tasks.list_recent(session, stage.id).items
    assert [task.kind for task in listed] == ["export", "import"]


def test_what_is_wrong_is_told_as_a_request_would_be(
    database: Database, bench: Bench, stage: Stage, tmp_path: Path
) -> None:
    broken = imported(database, bench, stage, tmp_path, b"no archive")
    empty = ended(database, exchange_tasks.begin_export(database, bench, stage.id, ORDER).id)

    assert (broken.state, broken.problem.slug) == ("failed", "validation-failed")
    assert broken.problem.errors[0].code == "bad_archive"
    assert (empty.state, empty.problem.slug, empty.export) == ("failed", "round-empty", None)
    with pytest.raises(NotFoundError):
        exchange_tasks.begin_export(database, bench, "01890000-0000-7000-8000-000000000000", ORDER)


def test_a_task_whose_process_died_has_failed_and_too_many_are_refused(
    database: Database, bench: Bench, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_tasks, "_start", lambda *_: None)
    monkeypatch.setattr(exchange_tasks, "AT_MOST", 1)
    task = exchange_tasks.begin_export(database, bench, stage.id, ORDER)

    with pytest.raises(TooCostlyError, match="try again when one has ended"):
        exchange_tasks.begin_export(database, bench, stage.id, ORDER)
    with database.write() as session:
        silent = database_now(session) - timedelta(seconds=exchange_tasks.SILENCE_S + 1)
        session.execute(update(ExchangeTask).where(ExchangeTask.id == task.id).values(seen_at=silent))

    with database.read() as session:
        shown = exchange_tasks.show(session, task.id)
    assert (shown.state, shown.problem.slug if shown.problem else None) == ("failed", "internal")
    assert exchange_tasks.begin_export(database, bench, stage.id, ORDER).state == "queued"
