"""A stage that is stopped or killed at any iteration ends as one that was not, to the last bit."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.data.loaders import Batch
from core.errors import ReasonCode
from core.experiment import ResolvedExperiment
from core.methods.class_incremental.step_data import open_test_batches
from core.runner.run import run_stage
from core.stage.events import CheckpointWritten, Failed, Interrupted, Log, Started
from core.stage.interrupt import StopFlag
from tests.support.datasets import cut_short
from tests.support.runner import (
    CHECKPOINT_EVERY,
    ITERATIONS,
    SMALL,
    KilledError,
    before_iteration,
    events_of,
    kill,
    new_attempt,
    outcome_of,
    run_all,
    series_of,
    small_experiment,
)

LAST = 1
"""The second step: it has an old model, a memory, pastes and a frozen batch norm."""


@pytest.fixture(scope="module")
def experiment() -> ResolvedExperiment:
    return small_experiment()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, experiment: ResolvedExperiment) -> Path:
    """Return the last attempt of a finished run."""
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    assert run_all(run, experiment) == 0
    return run / f"{LAST}-train" / "attempt-1"


@pytest.fixture
def run(tmp_path: Path, undisturbed: Path) -> Path:
    """Return a run whose last stage has not begun."""
    shutil.copytree(undisturbed.parents[1] / "0-train", tmp_path / "run" / "0-train")
    return tmp_path / "run"


def killed_attempt(run: Path, experiment: ResolvedExperiment, done: int) -> Path:
    folder = new_attempt(run, experiment, LAST)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KilledError):
        before_iteration(patch, done, kill)
        run_stage(folder, stop=StopFlag())
    return folder


def finished_attempt(run: Path, experiment: ResolvedExperiment) -> Path:
    folder = new_attempt(run, experiment, LAST)
    assert run_stage(folder, stop=StopFlag()) == 0
    return folder


def resumed_iteration(attempt: Path) -> int | None:
    return [event.resumed_iteration for event in events_of(attempt) if isinstance(event, Started)][-1]


def assert_same(undisturbed: Path, *attempts: Path) -> None:
    assert outcome_of(attempts[-1]) == outcome_of(undisturbed)
    assert series_of(*attempts) == series_of(undisturbed)


@pytest.mark.parametrize("done", [1, 5, 9])
def test_a_killed_stage_ends_with_the_same_weights_memory_and_series(
    run: Path, undisturbed: Path, experiment: ResolvedExperiment, done: int
):
    first = killed_attempt(run, experiment, done)

    second = finished_attempt(run, experiment)

    assert resumed_iteration(second) == (done // CHECKPOINT_EVERY * CHECKPOINT_EVERY or None)
    assert_same(undisturbed, first, second)


def test_a_stage_stopped_on_request_loses_no_iteration(run: Path, undisturbed: Path, experiment: ResolvedExperiment):
    stop, first = StopFlag(), new_attempt(run, experiment, LAST)
    with pytest.MonkeyPatch.context() as patch:
        before_iteration(patch, 6, stop.request)
        assert run_stage(first, stop=stop) == 75

    second = finished_attempt(run, experiment)

    ending = events_of(first)[-1]
    assert isinstance(ending, Interrupted)
    assert ending.iteration == resumed_iteration(second) == 7
    assert_same(undisturbed, first, second)


def test_a_stage_killed_twice_in_one_folder_goes_on_there(run: Path, undisturbed: Path, experiment: ResolvedExperiment):
    folder = killed_attempt(run, experiment, 5)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KilledError):
        before_iteration(patch, 9, kill)
        run_stage(folder, stop=StopFlag())

    assert run_stage(folder, stop=StopFlag()) == 0

    assert_same(undisturbed, folder)
    numbers = [event.seq for event in events_of(folder)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before_it(
    run: Path, undisturbed: Path, experiment: ResolvedExperiment
):
    first = killed_attempt(run, experiment, 9)
    cut_short(first / "checkpoint" / "8" / "model.safetensors")

    second = finished_attempt(run, experiment)

    assert resumed_iteration(second) == 4
    assert next(event.level for event in events_of(second) if isinstance(event, Log)) == "warning"
    assert_same(undisturbed, first, second)


def test_a_stop_during_evaluation_repeats_no_training(run: Path, undisturbed: Path, experiment: ResolvedExperiment):
    stop, first = StopFlag(), new_attempt(run, experiment, LAST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.methods.class_incremental.step_model.open_test_batches", stopping(stop))
        assert run_stage(first, stop=stop) == 75

    second = finished_attempt(run, experiment)

    assert resumed_iteration(second) == ITERATIONS
    assert not [event for event in events_of(second) if isinstance(event, CheckpointWritten)]
    assert_same(undisturbed, first, second)


def test_a_loss_that_is_not_finite_fails_the_stage_and_leaves_no_checkpoint_of_it(run: Path):
    # With batch norm frozen nothing holds the features back when the steps are too large.
    optim = SMALL["optim"] | {"lr_step": 10, "clip_norm": None}
    folder = new_attempt(run, small_experiment(config={"optim": optim, "execution": {"checkpoint_every": 1}}), LAST)

    assert run_stage(folder, stop=StopFlag()) == 1

    failure = events_of(folder)[-1]
    assert isinstance(failure, Failed)
    assert failure.reason == ReasonCode.NON_FINITE_LOSS
    found = re.match(r"the loss of iteration (\d+) is not finite; its batch was (.*); lower", failure.error)
    assert found
    assert len(found[2].split(", ")) == SMALL["optim"]["batch_size"]
    saved = [event.iteration for event in events_of(folder) if isinstance(event, CheckpointWritten)]
    assert saved == list(range(1, int(found[1])))


def stopping(stop: StopFlag) -> Callable[..., Iterator[Batch]]:
    """Return a stand-in for `open_test_batches` that is asked to stop before its first batch."""

    def batches(*arguments: Any) -> Iterator[Batch]:
        stop.request()
        yield from open_test_batches(*arguments)

    return batches
