from pathlib import Path

import pytest

from core.errors import ConfigError, ReasonCode
from core.runner.execute import resolve_device, usable_data_home
from core.runner.local import LocalRun
from core.stage.interrupt import StopFlag
from tests.support.local_runs import begin_stage, change_spec, copy_of, failure_of, in_this_process


def fault_of_spec(run: LocalRun, folder: Path, **changes: object) -> str:
    """Run a first stage whose spec was changed; it fails for its config."""
    stage = begin_stage(copy_of(run, folder, num_stages=0))
    change_spec(stage, **changes)
    assert in_this_process(stage, StopFlag()) == 1
    assert failure_of(stage).reason is ReasonCode.CONFIG_ERROR
    return failure_of(stage).error


def test_unknown_method_names_the_nearest(finetune_run: LocalRun, tmp_path: Path) -> None:
    error = fault_of_spec(finetune_run, tmp_path, method="finetoon")

    assert error == "method 'finetoon' does not exist; did you mean 'finetune'?"


def test_config_that_is_not_valid_names_every_fault(finetune_run: LocalRun, tmp_path: Path) -> None:
    error = fault_of_spec(finetune_run, tmp_path, config={"optim": {"lr_bsae": 1, "batch_size": 0}})

    assert "/config/optim/batch_size: must be at least 1" in error
    assert "/config/optim/lr_bsae: unknown key 'lr_bsae'; did you mean 'lr_base'?" in error


def test_stage_kind_that_the_method_lacks_is_refused(finetune_run: LocalRun, tmp_path: Path) -> None:
    stage = {"index": 0, "name": "test", "kind": "evaluate", "step": 0, "noun": "step"}

    error = fault_of_spec(finetune_run, tmp_path, stage=stage)

    assert error == "method 'finetune' has no stage of kind 'evaluate'"


def test_device_that_does_not_exist_is_refused_in_the_stage(finetune_run: LocalRun, tmp_path: Path) -> None:
    assert "device 'gpu7' does not exist" in fault_of_spec(finetune_run, tmp_path, device="gpu7")


def test_cpu_is_always_there() -> None:
    assert resolve_device("cpu").type == "cpu"


def test_gpu_beyond_those_of_the_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"device 'cuda:99': this machine offers \d+ GPUs to torch") as caught:
        resolve_device("cuda:99")

    assert caught.value.pointer == "/device"


def test_data_home_is_made_where_its_parent_exists(tmp_path: Path) -> None:
    found = usable_data_home(tmp_path / "stage", str(tmp_path / "home"))

    assert found == (tmp_path / "home").resolve()
    assert found.is_dir()


def test_relative_data_home_is_seen_from_the_stage_folder(tmp_path: Path) -> None:
    (tmp_path / "stage").mkdir()

    assert usable_data_home(tmp_path / "stage", "../home") == (tmp_path / "home").resolve()


def test_data_home_of_another_machine_is_replaced_by_a_folder_in_the_stage(tmp_path: Path) -> None:
    assert usable_data_home(tmp_path, "/nowhere/at/all") == (tmp_path / "data").resolve()
