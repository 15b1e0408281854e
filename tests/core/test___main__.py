"""The command line: exit statuses, messages, and real stage processes that meet a signal."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from core.__main__ import main
from core.data.image_index import ImageIndex
from core.data.report import DataReport
from core.runner.local import LocalRun
from core.stage.events import Interrupted, Started
from core.stage.folder import EXIT_INTERRUPTED
from core.stage.interrupt import StopFlag
from tests.support.datasets import cut_short, pairs_of, write_voc_dataset
from tests.support.local_runs import (
    attempt_of,
    begin_stage,
    copy_of,
    cut_pixels,
    events_of,
    in_this_process,
    learned,
    small_document,
)

SIGNALLED_STAGE = """
import os, runpy, sys
from torch.optim.optimizer import register_optimizer_step_post_hook
updates = iter(range(1, {updates} + 1))
register_optimizer_step_post_hook(lambda *_: next(updates, 0) == {updates} and os.kill(os.getpid(), {number}))
sys.argv = ["core", "stage", sys.argv[1]]
runpy.run_module("core", run_name="__main__", alter_sys=True)
"""
"""`python -m core stage FOLDER` that meets a signal after so many updates, to the iteration."""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The file of an experiment on a dataset beside it."""
    path = tmp_path / "experiment.yaml"
    path.write_text(yaml.safe_dump(small_document(write_voc_dataset(tmp_path / "dataset"), "finetune")))
    return path


@pytest.fixture
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry stages out here: a process of their own would load torch for each."""
    monkeypatch.setattr("core.commands.run.in_child_process", in_this_process)


def places(folder: Path) -> list[str]:
    return ["--out", str(folder / "out"), "--data-home", str(folder / "home"), "--device", "cpu", "--threads", "1"]


def signalled_stage(run: LocalRun, folder: Path, updates: int, number: signal.Signals) -> tuple[int, Path, Path]:
    """Send a real stage process a signal, resume in a second attempt; return the status and both attempts."""
    copied = copy_of(run, folder, num_stages=1)
    first = begin_stage(copied, 1)
    program = SIGNALLED_STAGE.format(updates=updates, number=int(number))
    ended = subprocess.run([sys.executable, "-c", program, str(first)], check=False)
    second = begin_stage(copied, 1)
    assert in_this_process(second, StopFlag()) == 0
    return ended.returncode, first, second


@pytest.mark.slow
def test_killed_stage_process_is_resumed_to_the_same_weights_and_series(eir_run: LocalRun, tmp_path: Path) -> None:
    status, first, second = signalled_stage(eir_run, tmp_path, 5, signal.SIGKILL)

    assert status == -signal.SIGKILL
    assert events_of(second, Started)[-1].resumed_iteration == 4
    assert learned([first, second]) == learned([attempt_of(eir_run, 1)])


@pytest.mark.slow
def test_terminated_stage_process_saves_says_so_and_exits_75(eir_run: LocalRun, tmp_path: Path) -> None:
    status, first, second = signalled_stage(eir_run, tmp_path, 3, signal.SIGTERM)

    assert status == EXIT_INTERRUPTED
    assert [event.iteration for event in events_of(first, Interrupted)] == [3]
    assert events_of(second, Started)[-1].resumed_iteration == 3
    assert learned([first, second]) == learned([attempt_of(eir_run, 1)])


@pytest.mark.usefixtures("_in_this_process")
def test_run_trains_every_stage_and_shows_what_was_learned(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", str(document), *places(tmp_path), "--seed", "4"]

    codes = [main(command), main(command)]

    first, second = capsys.readouterr().out.split("stage 1 of 2 (train): done already\n")
    _, _, report = second.partition("stage 2 of 2 (train): done already\n\n")
    rule, _, table = report.partition("\n\n")
    assert codes == [0, 0]
    assert "differs from the publication: /optim/batch_size is 4, published 24" in first
    assert rule.startswith("tested on a centre crop of 32 px (mode crop); a pixel gets")
    assert table.startswith("step  mIoU all  mIoU old  mIoU new")
    assert [line.split()[0] for line in table.splitlines() if line] == [
        *("step", "0", "1"),
        *("IoU", "background", "aeroplane", "bicycle", "bird", "boat"),
    ]
    assert [path.name[-6:] for path in (tmp_path / "out").iterdir()] == ["-seed4"]


@pytest.mark.usefixtures("_in_this_process")
def test_run_on_damaged_data_fails_and_names_the_file(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "dataset/VOC2012/JPEGImages/train_0.jpg"
    cut_pixels(image)

    assert main(["run", str(document), *places(tmp_path)]) == 1
    assert f"failed (data_error): {image}: cannot be decoded" in capsys.readouterr().out


def test_run_on_a_faulty_document_lists_every_fault_and_exits_2(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ["--set", "config.optim.iteratons=3", "--set", "config.data.crop_px=2"]

    assert main(["run", str(document), *settings, *places(tmp_path)]) == 2

    told = capsys.readouterr().err.splitlines()
    assert sorted(line.split(":")[0] for line in told) == ["/config/data/crop_px", "/config/optim/iteratons"]
    assert "did you mean 'iterations'?" in "".join(told)


def test_unknown_experiment_names_the_nearest_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "eir/dmo", *places(tmp_path)]) == 2
    assert capsys.readouterr().err == "'eir/dmo' is neither a file nor a preset; did you mean 'eir/demo'?\n"


def test_plan_lists_stages_with_images_and_iterations(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(document), "--data-home", str(tmp_path / "home")]) == 0
    *stages, warning = capsys.readouterr().out.splitlines()
    assert stages == [
        "0-train (train), 6 images, 7 iterations",
        "1-train (train), 6 images, 7 iterations, takes 0/model",
    ]
    assert warning.startswith("warning: /stream/steps: in no step, so never learned: 5 bottle, 6 bus")


def test_plan_of_a_step_without_images_exits_2(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["plan", str(document), "--set", "stream.steps=[[1], [7]]", "--data-home", str(tmp_path / "home")]

    assert main(command) == 2
    assert "step 1 has no training image" in capsys.readouterr().err


def test_plan_on_a_label_that_cannot_be_read_exits_1(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label = tmp_path / "dataset/VOC2012/SegmentationClassAug/train_3.png"
    cut_short(label)

    assert main(["plan", str(document), "--data-home", str(tmp_path / "home")]) == 1
    assert capsys.readouterr().err.startswith(f"{label}: cannot be decoded")


@pytest.mark.parametrize("option", ["--out", "--data-home"])
def test_run_that_nothing_can_be_kept_for_names_the_place_and_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "file").touch()
    places = {"--out": str(tmp_path), "--data-home": str(tmp_path)} | {option: str(tmp_path / "file" / "below")}

    assert main(["run", "eir/demo", *(word for place in places.items() for word in place)]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path}/file is a file of ")


def test_check_that_cannot_keep_its_index_says_so_without_a_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()

    assert main(["check-data", "eir/demo", "--data-home", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path}/file")


def test_methods_and_their_schema_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [main(["methods"]), main(["methods", "--schema", "eir"]), main(["methods", "--schema", "eri"])]

    printed = capsys.readouterr()
    assert codes == [0, 0, 2]
    assert "eir: Enhanced Instance Replay" in printed.out
    assert "preset eir/demo: " in printed.out
    assert printed.err == "method 'eri' does not exist; did you mean 'eir'?\n"


def test_datasets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        *(
            "adapter voc",
            "adapter folder",
            "adapter coco",
            "adapter graspnet",
            "adapter cityscapes",
            "adapter ade20k",
            "adapter gta5",
            "adapter idd",
            "adapter mapillary",
            "adapter synthia",
            "adapter sam-domain",
        ),
        *("world objects", "world domains", "world streets"),
    ]


def test_check_data_writes_its_report_and_its_index(tmp_path: Path) -> None:
    spec = write_voc_dataset(tmp_path / "dataset", train=((1,), (1, 3)), evaluation=((3,),))
    report, index = tmp_path / "report.json", tmp_path / "images.npz"

    assert main(["check-data", "voc", spec.root, "--json", str(report), "--index", str(index)]) == 0

    assert [split.listed for split in DataReport.model_validate_json(report.read_text()).splits] == [2, 1]
    assert ImageIndex.read(index).positions("train_aug", 3).tolist() == [1]


def test_check_data_exits_0_on_a_sound_dataset_and_1_with_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write_voc_dataset(tmp_path / "dataset")
    command = ["check-data", "voc", spec.root]

    codes = [main(command)]
    first, second = pairs_of(spec)[:2]
    cut_pixels(first.image)
    cut_short(second.label)
    codes.append(main(command))

    printed = capsys.readouterr().out
    assert codes == [0, 1]
    assert f"{spec.root} (voc): 0 faults" in printed
    assert f"{spec.root} (voc): 2 faults" in printed
    assert f"  {first.image}: cannot be decoded" in printed
    assert f"  {second.label}: cannot be decoded" in printed


def test_stage_without_a_spec_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stage", str(tmp_path)]) == 2
    assert "spec.json: cannot be read" in capsys.readouterr().err


def test_finished_stage_exits_0(eir_run: LocalRun) -> None:
    assert main(["stage", str(attempt_of(eir_run, 0))]) == 0


def test_unknown_command_is_explained_and_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["trian"])

    assert ended.value.code == 2
    assert "invalid choice: 'trian'" in capsys.readouterr().err
