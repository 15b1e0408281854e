"""The prediction panels of a stage as rows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from core.stage.events import EventWriter, Prediction, PredictionKind, Predictions, Scores
from server.db import models
from server.db.models import Attempt, Run, RunEvent
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.rows import make_claim
from worker.ingest import Ingestor
from worker.predictions import store_predictions, write_predictions

HOSTILE = '<img src=x onerror="alert(1)">/../../etc'


def write_panels(
    folder: Path, sources: list[str], content: str = "first", domain: str | None = None, kind: PredictionKind = "dense"
) -> Predictions:
    """Write the files of panels, the pictures of which depend on the image alone, and return their event."""
    (folder / "panels").mkdir(parents=True, exist_ok=True)
    items = []
    for rank, source in enumerate(sources):
        texts = {"image": source, "labels": f"labels of {source}", "prediction": f"{content}: {source}"}
        paths = {name: f"panels/{rank}-{name}.png" for name in texts}
        for name, text in texts.items():
            (folder / paths[name]).write_text(text)
        scores = {"classes": [3, 5], "pixel_accuracy": 0.75, "iou": {3: 0.5}}
        items.append(Prediction(source=source, **paths, width=8, height=6, **scores))
    place = {"step": 1, "iteration": 40, "domain": domain, "kind": kind}
    return Predictions(**place, background_id=0, ignore_id=255, items=items)


def stored_panels(database: Database) -> list[models.Prediction]:
    with database.read() as session:
        return list(session.scalars(select(models.Prediction).order_by(models.Prediction.id)))


def take_in(database: Database, storage: LocalStorage, run: Run, folder: Path, event: Predictions) -> None:
    with database.read() as session:
        (attempt_id,) = session.scalars(select(Attempt.id)).all() or [None]
    attempt_id = attempt_id or make_claim(database, run.stages[0]).lease.attempt_id
    panels = store_predictions(storage, folder, event)
    with database.write() as session:
        write_predictions(session, run.id, session.get_one(Attempt, attempt_id), event.domain, panels)


def test_every_image_becomes_a_row_and_its_three_files_are_stored(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    take_in(database, storage, run, tmp_path, write_panels(tmp_path, ["a", HOSTILE]))

    first, second = stored_panels(database)
    assert (first.run_id, first.stage_id, first.attempt_number) == (run.id, run.stages[0].id, 1)
    assert (first.step, first.iteration, first.rank, first.source) == (1, 40, 0, "a")
    assert (first.domain, first.kind) == (None, "dense")
    assert (first.width, first.height, first.background_id, first.ignore_id) == (8, 6, 0, 255)
    assert (first.classes, first.pixel_accuracy, first.iou) == ([3, 5], 0.75, {"3": 0.5})
    assert first.prediction_sha256 == hashlib.sha256(b"first: a").hexdigest()
    assert storage.path(first.labels_sha256).read_text() == "labels of a"
    assert (second.source, storage.path(second.image_sha256).read_text()) == (HOSTILE, HOSTILE)


def test_a_retried_stage_replaces_its_panels(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    take_in(database, storage, run, tmp_path, write_panels(tmp_path, ["a", "b", "c"]))
    take_in(database, storage, run, tmp_path, write_panels(tmp_path, ["a", "b"], "second"))

    panels = stored_panels(database)
    assert [panel.source for panel in panels] == ["a", "b"]
    assert storage.path(panels[0].prediction_sha256).read_text() == "second: a"


def test_panels_of_another_domain_stay_and_those_of_the_same_are_replaced(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    for domain in (None, "city", "village"):
        take_in(database, storage, run, tmp_path, write_panels(tmp_path, ["a", "b"], domain=domain))
    take_in(database, storage, run, tmp_path, write_panels(tmp_path, ["c"], domain="city", kind="binary"))

    panels = stored_panels(database)
    assert [(panel.domain, panel.rank, panel.source, panel.kind) for panel in panels] == [
        (None, 0, "a", "dense"),
        (None, 1, "b", "dense"),
        ("village", 0, "a", "dense"),
        ("village", 1, "b", "dense"),
        ("city", 0, "c", "binary"),
    ]


def test_a_picture_that_is_not_there_is_an_error(storage: LocalStorage, tmp_path: Path) -> None:
    event = write_panels(tmp_path, ["a"])
    (tmp_path / event.items[0].prediction).unlink()

    with pytest.raises(FileNotFoundError, match="0-prediction"):
        store_predictions(storage, tmp_path, event)


def test_whoever_hears_of_the_scores_finds_the_panels(
    database: Database, storage: LocalStorage, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "attempt-1"
    event = write_panels(folder, ["a"])
    writer = EventWriter(folder / "events.jsonl")
    ingestor = Ingestor(database, storage, make_claim(database, run.stages[0]).lease, folder)

    writer.emit(event)
    ingestor.poll()
    writer.emit(Scores(split="test", step=1, iteration=40, scores=[]))
    ingestor.poll()
    writer.close()

    assert len(stored_panels(database)) == 1
    with database.read() as session:
        kinds = set(session.scalars(select(RunEvent.type)))
    assert "score" in kinds
    assert "predictions" not in kinds
