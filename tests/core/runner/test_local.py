"""All stages in order: what is made, what is skipped, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.experiment import plan
from core.runner.local import (
    LocalRun,
    finished_attempt,
    in_child_process,
    plan_with_images,
    prepare_attempt,
    run_experiment,
    run_name,
)
from core.stage.events import EventWriter
from core.stage.folder import EVENTS_FILE, EXIT_INTERRUPTED, StageFolderSpec
from core.stage.interrupt import StopFlag
from tests.support.datasets import pairs_of
from tests.support.local_runs import (
    SEED,
    attempt_of,
    begin_stage,
    copy_of,
    cut_pixels,
    finish,
    in_this_process,
    killed_after,
    learned,
    small_run,
    stopping_after,
)


def read_spec(folder: Path) -> StageFolderSpec:
    return StageFolderSpec.model_validate_json((folder / "spec.json").read_bytes())


def test_name_is_the_same_for_the_same_experiment_and_seed(eir_run: LocalRun, finetune_run: LocalRun) -> None:
    name = run_name(eir_run.experiment, 0)

    assert name == f"eir-{eir_run.experiment.digest()[:8]}-seed0"
    assert run_name(eir_run.experiment, 1) == f"{name[:-1]}1"
    assert run_name(finetune_run.experiment, 0).startswith("finetune-")


def test_plan_counts_the_images_of_each_step(eir_run: LocalRun) -> None:
    stages = plan_with_images(eir_run.experiment, eir_run.data_home)

    # Classes 1 and 2 are in pictures 0, 1, 2, 3, 7 and 11; classes 3 and 4 in 3 to 7 and 12.
    assert [stage.images for stage in stages] == [6, 6]
    assert [stage.total_iterations for stage in stages] == [7, 7]


def test_step_without_images_is_refused_before_anything_runs(tmp_path: Path) -> None:
    run = small_run(tmp_path, steps=((1,), (7,)))

    with pytest.raises(ConfigError, match=r"step 1 has no training image .* 7 car \(in 0 images\)") as caught:
        run_experiment(run, StopFlag(), in_this_process, str)

    assert caught.value.pointer == "/stream/steps/1"
    assert list(run.folder.iterdir()) == []


def test_stages_follow_one_another_and_hand_their_outputs_on(eir_run: LocalRun) -> None:
    first, second = attempt_of(eir_run, 0), attempt_of(eir_run, 1)

    assert first.relative_to(eir_run.folder) == Path("0-train/attempt-1")
    assert read_spec(first).inputs == {}
    assert read_spec(second).inputs == {"model": "inputs/model", "memory": "inputs/memory"}
    for output in ("model/model.safetensors", "memory/index.json"):
        assert (second / "inputs" / output).read_bytes() == (first / "artifacts" / output).read_bytes()


def test_outputs_are_handed_on_without_taking_space(eir_run: LocalRun) -> None:
    first, second = attempt_of(eir_run, 0), attempt_of(eir_run, 1)

    weights = [first / "artifacts/model/model.safetensors", second / "inputs/model/model.safetensors"]

    assert weights[0].stat().st_ino == weights[1].stat().st_ino


def test_outputs_are_copied_where_links_cannot_be_made(
    eir_run: LocalRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = copy_of(eir_run, tmp_path, num_stages=1)

    def refuse(source: str, target: str) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    folder = begin_stage(copied, 1)

    weights = [path / "model/model.safetensors" for path in (attempt_of(copied, 0) / "artifacts", folder / "inputs")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert weights[0].stat().st_ino != weights[1].stat().st_ino


def test_spec_says_all_that_the_stage_needs(finetune_run: LocalRun) -> None:
    spec = read_spec(attempt_of(finetune_run, 1))

    assert (spec.run_id, spec.stage_id) == (finetune_run.folder.name, f"{finetune_run.folder.name}/1")
    assert (spec.attempt, spec.num_stages, spec.seed, spec.threads, spec.device) == (1, 2, SEED, 1, "cpu")
    assert spec.config == finetune_run.experiment.config.model_dump(mode="json")
    assert spec.stream == finetune_run.experiment.stream.model_dump(mode="json")
    assert (spec.stage.images, spec.resume) == (6, [])


def test_relative_root_of_a_dataset_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = small_run(tmp_path)
    monkeypatch.chdir(tmp_path)
    relative = run.experiment.dataset.model_copy(update={"root": "dataset"})

    folder = begin_stage(replace(run, experiment=replace(run.experiment, dataset=relative)))

    assert json.loads((folder / "spec.json").read_text())["datasets"]["main"]["spec"]["root"] == str(
        tmp_path / "dataset"
    )


def test_record_of_the_run_lists_where_it_leaves_the_publication(eir_run: LocalRun) -> None:
    record = json.loads((eir_run.folder / "run.json").read_text())

    deviations = {entry["pointer"]: (entry["published"], entry["value"]) for entry in record["deviations"]}
    assert (record["seed"], record["digest"]) == (SEED, eir_run.experiment.digest())
    assert deviations["/optim/batch_size"] == (32, 4)
    assert deviations["/model/name"] == ("deeplabv3_resnet101", "tiny")
    assert "/kd/weight" not in deviations


def test_finished_run_does_nothing_again(finetune_run: LocalRun) -> None:
    before = [path.stat().st_mtime_ns for path in attempt_of(finetune_run, 1).rglob("*")]

    said = [line for line in finish(finetune_run) if not line.startswith("warning: ")]

    assert said == ["stage 1 of 2 (train): done already", "stage 2 of 2 (train): done already"]
    assert [path.stat().st_mtime_ns for path in attempt_of(finetune_run, 1).rglob("*")] == before


def test_stopped_run_goes_on_in_a_new_attempt_and_learns_the_same(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=1)
    said: list[str] = []

    with stopping_after(3) as flag:
        stopped = run_experiment(copied, flag, in_this_process, said.append)
    finish(copied)

    stage = copied.folder / "1-train"
    assert stopped == EXIT_INTERRUPTED
    assert said[-1] == "stopped with a checkpoint; the same command goes on from there"
    assert attempt_of(copied, 1) == stage / "attempt-2"
    assert read_spec(stage / "attempt-2").resume == ["../attempt-1/checkpoint"]
    assert learned([stage / "attempt-1", stage / "attempt-2"]) == learned([attempt_of(finetune_run, 1)])


def test_attempt_that_died_is_left_behind_and_the_next_goes_on(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=1)

    with killed_after(6):
        run_experiment(copied, StopFlag(), in_this_process, str)
    said = finish(copied)

    stage = copied.folder / "1-train"
    assert said[-1] == f"stage 2 of 2 (train): {stage / 'attempt-2'}"
    assert learned([stage / "attempt-1", stage / "attempt-2"]) == learned([attempt_of(finetune_run, 1)])


def test_checkpoints_of_all_earlier_attempts_are_offered_newest_first(eir_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(eir_run, tmp_path, num_stages=0)
    for number in (1, 2, 10):
        (copied.folder / f"0-train/attempt-{number}").mkdir(parents=True)

    folder = begin_stage(copied)

    assert folder.name == "attempt-11"
    assert read_spec(folder).resume == [f"../attempt-{number}/checkpoint" for number in (10, 2, 1)]


def test_run_that_is_asked_to_stop_begins_no_stage(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=1)
    flag = StopFlag()
    flag.request()

    assert run_experiment(copied, flag, in_this_process, str) == EXIT_INTERRUPTED
    assert finished_attempt(copied.folder, plan(copied.experiment)[1]) is None
    assert not (copied.folder / "1-train").exists()


def test_failure_is_shown_with_its_reason_and_later_stages_are_not_begun(tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune")
    said: list[str] = []
    cut_pixels(pairs_of(run.experiment.dataset)[0].image)

    code = run_experiment(run, StopFlag(), in_this_process, said.append)

    assert code == 1
    assert said[-1].startswith(f"failed (data_error): {tmp_path}/dataset/VOC2012/JPEGImages/train_0.jpg: cannot be")
    assert said[-1].endswith(f"see {run.folder}/0-train/attempt-1")
    assert not (run.folder / "1-train").exists()


def test_what_a_stage_warns_of_is_said_once_when_it_has_ended(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=0)
    said: list[str] = []

    def warns(folder: Path, _stop: StopFlag) -> int:
        events = EventWriter(folder / EVENTS_FILE)
        events.log("info", "begun")
        for _ in range(2):
            events.log("warning", "memory holds 0")
        events.close()
        return 3

    run_experiment(copied, StopFlag(), warns, said.append)

    assert [line for line in said if "memory holds" in line] == ["stage 1 of 2 (train): warning: memory holds 0"]
    assert not any("begun" in line for line in said)


@pytest.mark.parametrize(("code", "told"), [(-9, "killed by signal 9"), (3, "exit status 3")])
def test_process_that_ended_without_a_word_is_told_by_its_status(
    finetune_run: LocalRun, tmp_path: Path, code: int, told: str
) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=0)
    said: list[str] = []

    assert run_experiment(copied, StopFlag(), lambda _folder, _stop: code, said.append) == 1
    assert said[-1] == f"failed without saying why ({told}); see {copied.folder}/0-train/attempt-1/out.log"


def test_output_of_a_stage_that_has_not_finished_cannot_be_handed_on(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=0)
    stages = plan(copied.experiment)

    with pytest.raises(ConfigError, match=r"stage 0 has not finished, so its output 'model' is not there yet"):
        prepare_attempt(copied, stages, stages[1])


def test_child_process_writes_what_it_says_into_the_log(tmp_path: Path) -> None:
    code = in_child_process(tmp_path, StopFlag())

    assert code == 2
    assert "spec.json: cannot be read" in (tmp_path / "out.log").read_text()


def test_finished_stage_needs_no_work_of_a_child_process(eir_run: LocalRun, tmp_path: Path) -> None:
    copied = shutil.copytree(attempt_of(eir_run, 0), tmp_path / "attempt")

    assert in_child_process(copied, StopFlag()) == 0
    assert (copied / "out.log").read_text() == ""


def test_child_process_that_is_stopped_before_it_can_listen_counts_as_interrupted(
    finetune_run: LocalRun, tmp_path: Path
) -> None:
    folder = begin_stage(copy_of(finetune_run, tmp_path, num_stages=0))
    flag = StopFlag()
    flag.request()

    assert in_child_process(folder, flag) == EXIT_INTERRUPTED
