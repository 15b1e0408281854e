"""Real stages on a real, tiny world: 32-pixel pictures, ten iterations, in this process or in one of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.engine.hooks import SeedHook
from core.experiment import ResolvedExperiment, resolve
from core.runner.local import LocalRun, plan_with_images, prepare_attempt, run_experiment
from core.runner.run import run_stage
from core.stage.events import AnyEvent, Metric, Started, read_events
from core.stage.folder import EVENTS_FILE, RESULT_FILE, StageOutcome
from core.stage.interrupt import StopFlag
from tests.support.local_runs import NAMING_THE_RUN

ITERATIONS = 10
LOG_EVERY = 3
CHECKPOINT_EVERY = 4
WORLD = {"world": "objects", "classes": 4, "size_px": 32, "train_images": 48, "eval_images": 12}
STREAM = {"steps": [[1, 2], [3, 4]]}
EXECUTION = {"log_every": LOG_EVERY, "checkpoint_every": CHECKPOINT_EVERY, "threads": 1}
SMALL: dict[str, Any] = {
    "model": {"name": "tiny"},
    "data": {"crop_px": 32},
    "optim": {"lr_base": 0.01, "lr_step": 0.01, "batch_size": 4, "iterations": ITERATIONS, "clip_norm": 5},
    "execution": EXECUTION,
}
SMALL_EIR: dict[str, Any] = SMALL | {"memory": {"size": 6}, "pseudo_labels": {"threshold": 0.3}, "init_new": "random"}


class KilledError(BaseException):
    """Stands for SIGKILL inside this process: nothing catches it, so the folder stays as it was at that moment."""


def small_experiment(method: str = "eir", config: dict[str, Any] | None = None, **document: Any) -> ResolvedExperiment:
    """Return a two-step experiment; `config` lies over the small one by section."""
    settings = (SMALL_EIR if method == "eir" else SMALL) | (config or {})
    return resolve({"method": method, "dataset": WORLD, "stream": STREAM, "config": settings} | document)


def local_run(folder: Path, experiment: ResolvedExperiment, seed: int = 5) -> LocalRun:
    """Return a run below a folder, on one CPU thread."""
    data_home = folder.parent / "data"
    data_home.mkdir(parents=True, exist_ok=True)
    return LocalRun(experiment, seed, folder, data_home, device="cpu", threads=1)


def in_this_process(folder: Path, stop: StopFlag) -> int:
    """Run a stage without starting a process."""
    return run_stage(folder, stop=stop)


def run_all(folder: Path, experiment: ResolvedExperiment, seed: int = 5) -> int:
    """Run every stage in this process; return the exit status."""
    return run_experiment(local_run(folder, experiment, seed), StopFlag(), in_this_process, lambda _line: None)


def new_attempt(folder: Path, experiment: ResolvedExperiment, index: int = 0) -> Path:
    """Make the folder of the next attempt at a stage whose earlier stages have finished."""
    run = local_run(folder, experiment)
    stages = plan_with_images(experiment, run.data_home)
    run.folder.mkdir(exist_ok=True)
    return prepare_attempt(run, stages, stages[index])


def stage_process(folder: Path) -> subprocess.Popen[bytes]:
    """Start a real stage process."""
    return subprocess.Popen([sys.executable, "-m", "core", "stage", str(folder)], stdin=subprocess.DEVNULL)


def before_iteration(monkeypatch: pytest.MonkeyPatch, done: int, action: Callable[[], None]) -> None:
    """Do something right before an iteration, when `done` are finished."""
    plain = SeedHook.before

    def before(hook: SeedHook, finished: int) -> None:
        if finished == done:
            action()
        plain(hook, finished)

    monkeypatch.setattr(SeedHook, "before", before)


def kill() -> None:
    """End as a SIGKILL would."""
    raise KilledError


def events_of(folder: Path) -> list[AnyEvent]:
    """Return the events of an attempt."""
    return [event for event, _ in read_events(folder / EVENTS_FILE)]


def outcome_of(folder: Path) -> dict[str, str]:
    """Return path -> SHA-256 of the outputs of a finished attempt, but for the record that names code and run."""
    outcome = StageOutcome.model_validate_json((folder / RESULT_FILE).read_bytes())
    return {file.path: file.sha256 for file in outcome.files if Path(file.path).name not in NAMING_THE_RUN}


def series_of(*attempts: Path) -> dict[int, dict[str, float]]:
    """Return the effective series: points of earlier attempts beyond the iteration resumed from are hidden (MET-2)."""
    series: dict[int, dict[str, float]] = {}
    for attempt in attempts:
        for event in events_of(attempt):
            if isinstance(event, Started) and event.parameters is not None:
                kept = event.resumed_iteration or 0
                series = {iteration: values for iteration, values in series.items() if iteration <= kept}
            if isinstance(event, Metric):
                series[event.iteration] = event.values
    return series
