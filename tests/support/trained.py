"""Finished stages with a real trained model, as rows and stored files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.runner.local import LocalRun
from core.stage.folder import RESULT_FILE, StageOutcome
from server.db import lifecycle
from server.db.models import Run, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.local_runs import attempt_of
from tests.support.model_tests import model_of
from tests.support.rows import load_run, make_claim, make_run
from worker.collect import collect


def store_trained(
    database: Database, storage: LocalStorage, trained: LocalRun, *, method: str = "finetune"
) -> tuple[Run, Stage]:
    """Commit a run of two stages whose first has left the model of a local run's first stage."""
    run = make_run(database, num_stages=2, seed=trained.seed)
    claimed = make_claim(database, run.stages[0])
    collected = collect(storage, attempt_of(trained, 0))
    with database.write() as session:
        experiment = session.get_one(Run, run.id).experiment
        experiment.name, experiment.method = f"{method} on VOC", method
        lifecycle.settle_succeeded(session, claimed.lease, collected.outputs)
    loaded = load_run(database, run.id)
    return loaded, loaded.stages[0]


def model_blob(trained: LocalRun, storage: LocalStorage, name: str) -> Path:
    """Return where a file of the first stage's model is stored."""
    attempt = attempt_of(trained, 0)
    outcome = StageOutcome.model_validate_json((attempt / RESULT_FILE).read_bytes())
    path = (model_of(trained, 0) / name).relative_to(attempt).as_posix()
    return storage.path(next(file.sha256 for file in outcome.files if file.path == path))


def on_stage(document: dict[str, Any], stage_id: str, **files: Any) -> dict[str, Any]:
    """Return a document that names a stage's model in place of a folder."""
    return {**document, "config": {**document["config"], "checkpoint": {"stage": stage_id, **files}}}
