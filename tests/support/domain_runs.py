"""Small runs over domains of the built-in world, on a SAM of 0.1 M parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.experiment import resolve
from core.methods.promptable.model_files import StoredModel, load_model
from core.runner.local import LocalRun, run_name
from core.stage.events import Score, Scores
from core.stage.folder import ARTIFACT_DIR
from tests.support.local_runs import attempt_of, events_of

SEED = 3
ITERATIONS = 5
WORLD: Mapping[str, Any] = {"world": "domains", "size_px": 32, "train_images": 6, "eval_images": 3}
CONFIG: Mapping[str, Mapping[str, Any]] = {
    "model": {"backbone": "tiny"},
    "optim": {"lr": 0.003, "batch_size": 2, "iterations": ITERATIONS, "points": 64},
    "execution": {"checkpoint_every": 2, "log_every": 3, "threads": 1},
}
OF_METHOD: Mapping[str, Mapping[str, Any]] = {
    "cosam": {"memory": {"size": 3}, "router": {"epochs": 40, "lr": 0.01}},
    "sam_er": {"memory": {"per_domain": 2}},
}


def domain(name: str, kind: str | None = None, **values: Any) -> dict[str, Any]:
    """Return a domain of the world as a document names it."""
    return {"name": name, "dataset": {**WORLD, "domain": kind or name, **values}}


def domain_document(method: str, *, domains: int = 3, **config: Any) -> dict[str, Any]:
    """Return a document of pits, pills and polyps, and natural images; `config` is laid over its sections."""
    trains = method != "sam_zero_shot"
    sections: dict[str, Any] = {name: values for name, values in CONFIG.items() if trains or name != "optim"}
    for part in (OF_METHOD.get(method, {}), config):
        for name, values in part.items():
            sections[name] = {**sections.get(name, {}), **values} if isinstance(values, Mapping) else values
    stream = {
        "kind": "domain_sequence",
        "first": "pits",
        "further": [domain("pills"), domain("polyps")][: domains - 1],
        "extra_tests": [domain("natural")],
    }
    return {"method": method, "dataset": {**WORLD, "domain": "pits"}, "stream": stream, "config": sections}


def domain_run(folder: Path, method: str, home: Path | None = None, **settings: Any) -> LocalRun:
    """Return a run in a folder; worlds and features lie in `home`."""
    experiment = resolve(domain_document(method, **settings))
    name = run_name(experiment, SEED)
    return LocalRun(experiment, SEED, folder / name, home or folder / "home", device="cpu")


def model_of(run: LocalRun, index: int) -> StoredModel:
    """Return what a finished stage learned."""
    return load_model(attempt_of(run, index) / ARTIFACT_DIR / "model")


def scores_of(run: LocalRun, index: int) -> dict[str | None, dict[str, float | None]]:
    """Return domain -> metric -> value of a finished stage; those of the run have the domain None."""
    return {
        event.domain: {score.metric: score.value for score in event.scores}
        for event in events_of(attempt_of(run, index), Scores)
    }


def per_image(run: LocalRun, index: int, name: str) -> str:
    """Return the scores of each image of a domain after a stage, as CSV."""
    attempt = attempt_of(run, index)
    (event,) = [event for event in events_of(attempt, Scores) if event.domain == name]
    return (attempt / event.records[0].path).read_text()


def plain(scores: list[Score]) -> dict[str, float | None]:
    """Return metric -> value."""
    return {score.metric: score.value for score in scores}
