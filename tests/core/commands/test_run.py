import os
from argparse import Namespace
from pathlib import Path

import pytest
import yaml

from core.commands.run import results_of, run_command
from core.runner.local import LocalRun, run_name
from core.stage.folder import EXIT_INTERRUPTED, StageFolderSpec
from tests.support.datasets import write_voc_dataset
from tests.support.local_runs import copy_of, in_this_process, small_document, stopping_after


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    """Arguments of a run on small data, whose stages are carried out in this process."""
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(small_document(write_voc_dataset(tmp_path / "dataset"), "finetune")))
    monkeypatch.setattr("core.commands.run.in_child_process", in_this_process)
    return Namespace(
        experiment=str(path),
        set=["stream.steps=[[1, 2]]", "config.optim.iterations=2"],
        seed=5,
        out=str(tmp_path / "out"),
        data_home=str(tmp_path / "home"),
        device="cpu",
        threads=1,
    )


def spec_of(folder: str) -> StageFolderSpec:
    (path,) = Path(folder).glob("*/0-train/attempt-1/spec.json")
    return StageFolderSpec.model_validate_json(path.read_bytes())


def test_settings_seed_and_places_reach_the_stage(arguments: Namespace) -> None:
    assert run_command(arguments, str) == 0

    spec = spec_of(arguments.out)
    assert (spec.seed, spec.device, spec.threads, spec.num_stages) == (5, "cpu", 1, 1)
    assert spec.config["optim"]["iterations"] == 2
    assert spec.data_home == str(Path(arguments.data_home).resolve())
    assert spec.run_id.endswith("-seed5")


def test_threads_are_those_of_the_config_or_of_the_machine(
    arguments: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr("core.commands.run.in_child_process", lambda _folder, _stop: EXIT_INTERRUPTED)
    arguments.threads = None

    run_command(arguments, str)
    of_machine = spec_of(arguments.out).threads
    arguments.out, arguments.set = f"{arguments.out}-2", [*arguments.set, "config.execution.threads=2"]
    run_command(arguments, str)

    assert (of_machine, spec_of(arguments.out).threads) == (3, 2)


def test_interrupted_run_exits_75_and_shows_no_table(arguments: Namespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(folder: Path, stop: object) -> int:
        with stopping_after(1) as flag:
            return in_this_process(folder, flag)

    monkeypatch.setattr("core.commands.run.in_child_process", stopped)
    said: list[str] = []

    assert run_command(arguments, said.append) == EXIT_INTERRUPTED
    assert said[-1] == "stopped with a checkpoint; the same command goes on from there"


def test_results_are_of_the_stages_that_are_finished(eir_run: LocalRun, tmp_path: Path) -> None:
    none, one = (copy_of(eir_run, tmp_path / str(count), count) for count in (0, 1))

    assert results_of(none) == ""
    assert "step 0" in results_of(one)
    assert "step 1" not in results_of(one).splitlines()[2]
    rule, _, head, *rows = results_of(eir_run).splitlines()
    assert rule.startswith("tested on ") and "(mode " in rule and "(rule " in rule
    assert head.startswith("step ")
    assert rows[1].startswith("1 ")
    assert run_name(eir_run.experiment, 0) in none.folder.name.replace("seed3", "seed0")
