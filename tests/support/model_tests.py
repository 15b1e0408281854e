"""Tests of trained models: documents, and runs that have not begun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.experiment import resolve
from core.runner.local import LocalRun, run_name
from core.stage.folder import ARTIFACT_DIR
from tests.support.local_runs import attempt_of


def model_of(run: LocalRun, index: int) -> Path:
    """Return the model folder of a finished stage."""
    return attempt_of(run, index) / ARTIFACT_DIR / "model"


def test_document(folder: Path, *sets: tuple[str, Mapping[str, Any]], **changes: Any) -> dict[str, Any]:
    """Return the document that tests a model folder.

    Args:
        folder: the model folder.
        sets: name and dataset of each test set.
        changes: `classes` of the stream, and sections of the config.
    """
    (first, dataset), *further = sets
    stream = {
        "kind": "checkpoint_test",
        "first": first,
        "further": [{"name": name, "dataset": dict(one)} for name, one in further],
        "classes": changes.pop("classes", "dataset"),
    }
    config = {"checkpoint": {"folder": str(folder)}, "execution": {"threads": 1}, **changes}
    return {"method": "checkpoint_test", "dataset": dict(dataset), "stream": stream, "config": config}


def test_run(trained: LocalRun, index: int, *sets: tuple[str, Mapping[str, Any]], **changes: Any) -> LocalRun:
    """Return a run that tests the model of a finished stage, beside that stage's run; see `test_document`."""
    experiment = resolve(test_document(model_of(trained, index), *sets, **changes))
    return replace(trained, experiment=experiment, folder=trained.folder.parent / run_name(experiment, trained.seed))


test_document.__test__ = False  # type: ignore[attr-defined] # pytest takes the names for tests
test_run.__test__ = False  # type: ignore[attr-defined]
