"""Runs of two small steps, carried out in this process, ways to end them early, and what they come to."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from torch.optim.optimizer import register_optimizer_step_post_hook

from core.data.specs import FolderDatasetSpec
from core.experiment import plan, resolve
from core.metrics.records import Confusion
from core.runner.local import LocalRun, finished_attempt, prepare_attempt, run_experiment, run_name
from core.runner.run import run_stage
from core.stage.events import Event, Failed, Log, Metric, Score, Scores, Started, read_events
from core.stage.folder import EVENTS_FILE, RESULT_FILE, SPEC_FILE, StageOutcome
from core.stage.interrupt import StopFlag
from core.stage.spec import StageSpec
from tests.support.datasets import write_voc_dataset

SEED = 3
ITERATIONS = 7
STEPS = ((1, 2), (3, 4))
NAMING_THE_RUN = frozenset({"model.json", "card.json"})
"""Files of a model that differ from run to run."""
CONFIG: Mapping[str, Mapping[str, Any]] = {
    "model": {"name": "tiny"},
    "data": {"crop_px": 32},
    "optim": {"lr_base": 0.02, "lr_step": 0.02, "batch_size": 4, "iterations": ITERATIONS, "clip_norm": 5.0},
    # A point comes from three iterations, a checkpoint after two: sums must survive in the middle of an interval.
    "execution": {"checkpoint_every": 2, "log_every": 3},
}
OF_METHOD: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "eir": {"memory": {"size": 4}},
    "dkd_m": {"memory": {"size": 4}},
    "ssul": {"ssul": {"unknown": False}},
    "ssul_m": {"ssul": {"unknown": False}, "memory": {"size": 4}},
}

E = TypeVar("E", bound=Event)


def small_document(
    dataset: FolderDatasetSpec, method: str = "eir", steps: Sequence[Sequence[int]] = STEPS, **config: Any
) -> dict[str, Any]:
    """Return a document of pictures of 32 px; `config` is laid over its sections."""
    sections: dict[str, Any] = {**CONFIG, **OF_METHOD.get(method, {})}
    for name, values in config.items():
        sections[name] = {**sections.get(name, {}), **values} if isinstance(values, Mapping) else values
    stream = {"kind": "class_incremental", "steps": [list(step) for step in steps]}
    return {"method": method, "dataset": dataset.model_dump(), "stream": stream, "config": sections}


def small_run(folder: Path, method: str = "eir", steps: Sequence[Sequence[int]] = STEPS, **config: Any) -> LocalRun:
    """Write a dataset into an empty folder and return a run on it that has not begun."""
    dataset = write_voc_dataset(folder / "dataset")
    experiment = resolve(small_document(dataset, method, steps, **config))
    return LocalRun(
        experiment=experiment,
        seed=SEED,
        folder=folder / "runs" / run_name(experiment, SEED),
        data_home=folder / "home",
        device="cpu",
    )


def in_this_process(folder: Path, stop: StopFlag) -> int:
    """Carry out a stage folder here; the environment stays as it is."""
    with mock.patch.dict(os.environ):
        return run_stage(folder, stop=stop)


def finish(run: LocalRun) -> list[str]:
    """Run all stages and return what was said; a failure is an error."""
    said: list[str] = []
    code = run_experiment(run, StopFlag(), in_this_process, said.append)
    assert code == 0, said
    return said


def begin_stage(run: LocalRun, index: int = 0) -> Path:
    """Make the folder of a stage's next attempt; the stages before it are finished."""
    run.folder.mkdir(parents=True, exist_ok=True)
    run.data_home.mkdir(parents=True, exist_ok=True)
    stages = plan(run.experiment)
    return prepare_attempt(run, stages, stages[index])


def copy_of(run: LocalRun, folder: Path, num_stages: int) -> LocalRun:
    """Return a run with copies of the first stages of another; dataset and indexes are shared."""
    copied = replace(run, folder=folder / run.folder.name)
    copied.folder.mkdir(parents=True)
    for stage in plan(run.experiment)[:num_stages]:
        name = f"{stage.index}-{stage.name}"
        shutil.copytree(run.folder / name, copied.folder / name)
    return copied


def change_spec(folder: Path, **changes: Any) -> None:
    """Overwrite entries of a prepared `spec.json`."""
    path = folder / SPEC_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def attempt_of(run: LocalRun, index: int) -> Path:
    """Return the finished attempt of a stage."""
    stage: StageSpec = plan(run.experiment)[index]
    attempt = finished_attempt(run.folder, stage)
    assert attempt is not None
    return attempt


def cut_pixels(image: Path) -> None:
    """Take the last bytes from an image, whose header stays whole: only who decodes it notices."""
    image.write_bytes(image.read_bytes()[:-100])


@contextmanager
def stopping_after(updates: int) -> Iterator[StopFlag]:
    """Give a flag that is set once so many updates of weights were made."""
    flag = StopFlag()
    with _after_updates(updates, flag.request):
        yield flag


class Killed(BaseException):
    """The end of a process that could write nothing any more."""


@contextmanager
def killed_after(updates: int) -> Iterator[None]:
    """Raise `Killed` from inside an iteration, once so many updates of weights were made, and swallow it outside."""

    def kill() -> None:
        raise Killed

    with _after_updates(updates, kill):
        try:
            yield
        except Killed:
            return
    raise AssertionError(f"the stage ended before {updates} updates")


@contextmanager
def _after_updates(updates: int, act: Callable[[], None]) -> Iterator[None]:
    made = iter(range(1, updates + 1))

    def count(*_: object) -> None:
        if next(made, None) == updates:
            act()

    handle = register_optimizer_step_post_hook(count)
    try:
        yield
    finally:
        handle.remove()


def events_of(folder: Path, kind: type[E]) -> list[E]:
    """Return the events of one kind in a stage folder."""
    return [event for event, _ in read_events(folder / EVENTS_FILE) if isinstance(event, kind)]


def warnings_of(folder: Path) -> list[str]:
    """Return the warnings in a stage folder."""
    return [log.text for log in events_of(folder, Log) if log.level == "warning"]


def failure_of(folder: Path) -> Failed:
    """Return the one failure in a stage folder."""
    (failure,) = events_of(folder, Failed)
    return failure


@dataclass(frozen=True)
class Learned:
    """What a stage comes to, whatever happened to it on the way.

    Attributes:
        files: output file -> SHA-256, without the record that names the run.
        series: iteration -> values, as shown after what was done twice is hidden.
        scores: of the evaluation.
        confusion: its matrix.
    """

    files: dict[str, str]
    series: dict[int, dict[str, float]]
    scores: list[Score]
    confusion: list[list[int]]


def learned(attempts: Sequence[Path]) -> Learned:
    """Read what a stage comes to from its attempts in order, the last of which has succeeded."""
    series: dict[int, dict[str, float]] = {}
    for attempt in attempts:
        for event, _ in read_events(attempt / EVENTS_FILE):
            if isinstance(event, Started) and event.parameters is not None:
                kept = event.resumed_iteration or 0
                series = {iteration: values for iteration, values in series.items() if iteration <= kept}
            elif isinstance(event, Metric):
                assert event.iteration not in series, f"iteration {event.iteration} has two points"
                series[event.iteration] = dict(event.values)
    outcome = StageOutcome.model_validate_json((attempts[-1] / RESULT_FILE).read_bytes())
    files = {file.path: file.sha256 for file in outcome.files if Path(file.path).name not in NAMING_THE_RUN}
    (scores,) = events_of(attempts[-1], Scores)
    return Learned(files, series, scores.scores, confusion_of(attempts[-1], scores).matrix)


def confusion_of(attempt: Path, scores: Scores) -> Confusion:
    """Return the confusion matrix that an attempt announced with its scores."""
    (record,) = scores.records
    return Confusion.model_validate_json((attempt / record.path).read_bytes())
