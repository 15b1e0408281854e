"""`python -m core evaluate` on the model of a tiny run."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from core.commands.evaluate import evaluate_command
from core.errors import ConfigError, StorageError
from core.runner.local import LocalRun
from core.stage.events import Scores
from tests.support.datasets import write_voc_dataset
from tests.support.local_runs import events_of, finish, in_this_process, small_run
from tests.support.model_tests import model_of


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    run = small_run(tmp_path_factory.mktemp("trained"), "finetune", [[1, 2]])
    finish(run)
    return run


@pytest.fixture
def arguments(trained: LocalRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    monkeypatch.setattr("core.commands.run.in_child_process", in_this_process)
    return Namespace(
        model=model_of(trained, 0),
        on=[],
        set=[],
        seed=0,
        out=str(tmp_path / "out"),
        data_home=str(tmp_path / "home"),
        device="cpu",
        threads=1,
    )


def scores_of(arguments: Namespace) -> list[Scores]:
    (attempt,) = Path(arguments.out).glob("*/0-test/attempt-1")
    return events_of(attempt, Scores)


def test_without_test_sets_those_of_the_models_own_run_are_taken(arguments: Namespace) -> None:
    said: list[str] = []

    assert evaluate_command(arguments, said.append) == 0
    assert [scores.domain for scores in scores_of(arguments)] == ["main"]
    assert "IoU in main" in said[-1]


def test_named_test_sets_and_options_are_taken(arguments: Namespace, tmp_path: Path) -> None:
    night = write_voc_dataset(tmp_path / "night")
    arguments.on = [f"night={{adapter: voc, root: {night.root}}}", f"day={{adapter: voc, root: {night.root}}}"]
    arguments.set = ["config.eval.mode=full"]

    assert evaluate_command(arguments, str) == 0
    assert [scores.domain for scores in scores_of(arguments)] == ["night", "day"]


@pytest.mark.parametrize("text", ["night", "night=", "={adapter: voc}", "night=[1", "night=voc"])
def test_a_test_set_of_another_form_is_refused(arguments: Namespace, text: str) -> None:
    arguments.on = [text]

    with pytest.raises(ConfigError, match="test set"):
        evaluate_command(arguments, str)


def test_a_folder_without_a_model_is_refused(arguments: Namespace, tmp_path: Path) -> None:
    arguments.model = tmp_path

    with pytest.raises(StorageError, match=r"card\.json: cannot be read"):
        evaluate_command(arguments, str)
