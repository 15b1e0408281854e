"""One attempt: its events, its result, its exit status, and the sentence with which it fails."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core.checkpoint import read_checkpoint
from core.errors import ConfigError, DataError, ReasonCode
from core.experiment import ResolvedExperiment
from core.runner.reserve import RESERVE_FILE
from core.runner.run import describe_failure, run_stage
from core.stage.events import CheckpointWritten, Failed, Log, MemorySnapshot, Progress, Scores, Started
from core.stage.folder import RESULT_FILE, SPEC_FILE, StageOutcome
from core.stage.interrupt import StopFlag
from tests.support.runner import (
    before_iteration,
    events_of,
    new_attempt,
    outcome_of,
    run_all,
    small_experiment,
)


@pytest.fixture(scope="module")
def experiment() -> ResolvedExperiment:
    return small_experiment()


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, experiment: ResolvedExperiment) -> Path:
    """Return the folder of a finished run of two stages."""
    run = tmp_path_factory.mktemp("finished") / "run"
    assert run_all(run, experiment) == 0
    return run


ABSENT = {"spec": {"adapter": "voc", "root": "absent"}, "splits": ["train", "eval"], "labelled": ["train", "eval"]}


def changed_spec(folder: Path, **changes: Any) -> None:
    spec = json.loads((folder / SPEC_FILE).read_text())
    (folder / SPEC_FILE).write_text(json.dumps(spec | changes))


def failure_of(folder: Path) -> Failed:
    ending = events_of(folder)[-1]
    assert isinstance(ending, Failed)
    return ending


def test_the_result_lists_every_output_file_with_size_and_digest(finished: Path):
    folder = finished / "1-train" / "attempt-1"

    outcome = StageOutcome.model_validate_json((folder / RESULT_FILE).read_bytes())

    assert outcome.outputs == {"model": "artifacts/model", "memory": "artifacts/memory"}
    # Panels and examples of pastes lie beside the outputs: they are told of by events and are no result.
    on_disk = {path for name in outcome.outputs.values() for path in (folder / name).rglob("*") if path.is_file()}
    assert {folder / file.path for file in outcome.files} == on_disk
    assert all(hashlib.sha256((folder / f.path).read_bytes()).hexdigest() == f.sha256 for f in outcome.files)
    assert outcome.last_seq == events_of(folder)[-1].seq


def test_events_tell_start_model_progress_scores_and_memory_in_this_order(finished: Path):
    events = events_of(finished / "1-train" / "attempt-1")

    said = [event.text for event in events if isinstance(event, Log)]
    assert "trains 10 iterations of" in said[0]
    assert said[-1].startswith("tested on test after iteration 10: mIoU all 0.")
    kinds = [type(event) for event in events if not isinstance(event, Log)]
    assert kinds[:3] == [Started, Started, Progress]
    assert kinds.index(Scores) < kinds.index(MemorySnapshot) == len(kinds) - 1
    assert (events[0].parameters, events[1].resumed_iteration) == (None, None)
    assert [event.iteration for event in events if isinstance(event, CheckpointWritten)] == [4, 8, 10]


def test_a_finished_stage_is_not_done_again_unless_asked(finished: Path, tmp_path: Path):
    folder = tmp_path / "copy"
    shutil.copytree(finished / "0-train" / "attempt-1", folder)
    before = outcome_of(folder)
    count = len(events_of(folder))

    assert run_stage(folder, stop=StopFlag()) == 0
    assert len(events_of(folder)) == count
    assert run_stage(folder, stop=StopFlag(), force=True) == 0

    assert len(events_of(folder)) > count
    assert [event.resumed_iteration for event in events_of(folder) if isinstance(event, Started)][-1] is None
    assert outcome_of(folder) == before


def test_a_copied_folder_replays_without_what_was_around_it(finished: Path, tmp_path: Path):
    folder = tmp_path / "elsewhere" / "copy"
    shutil.copytree(finished / "1-train" / "attempt-1", folder, ignore=shutil.ignore_patterns("artifacts", "check*"))
    (folder / RESULT_FILE).unlink()
    changed_spec(folder, data_home=str(tmp_path / "not" / "here"))

    assert run_stage(folder, stop=StopFlag()) == 0

    assert outcome_of(folder) == outcome_of(finished / "1-train" / "attempt-1")
    assert (folder / "data" / "worlds").is_dir()


def test_a_folder_without_spec_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"spec\.json: cannot be read"):
        run_stage(tmp_path)


def test_a_spec_that_is_not_valid_names_the_culprit(tmp_path: Path, experiment: ResolvedExperiment):
    folder = new_attempt(tmp_path / "run", experiment)
    changed_spec(folder, seed=-1)

    with pytest.raises(ConfigError, match=r"spec\.json: seed"):
        run_stage(folder)


@pytest.mark.parametrize(
    ("changes", "reason", "text"),
    [
        ({"method": "eri"}, ReasonCode.CONFIG_ERROR, "did you mean 'eir'?"),
        ({"config": {"memroy": {}}}, ReasonCode.CONFIG_ERROR, "did you mean 'memory'?"),
        ({"device": "abacus"}, ReasonCode.CONFIG_ERROR, "device 'abacus'"),
        (
            {"stage": {"index": 0, "name": "x", "kind": "evaluate", "step": 0, "noun": "step"}},
            ReasonCode.CONFIG_ERROR,
            "no stage of kind 'evaluate'",
        ),
        ({"stream": {"steps": [[1], [1]]}}, ReasonCode.CONFIG_ERROR, "/stream/steps/1/0: class 1 is in step 0"),
        ({"stream": {"kind": "carousel"}}, ReasonCode.CONFIG_ERROR, "a stream of kind 'carousel' does not exist"),
        ({"datasets": {"main": ABSENT}}, ReasonCode.DATA_ERROR, "absent"),
    ],
)
def test_what_cannot_run_fails_with_its_reason_and_one_sentence(
    tmp_path: Path, experiment: ResolvedExperiment, changes: dict[str, Any], reason: ReasonCode, text: str
):
    folder = new_attempt(tmp_path / "run", experiment)
    changed_spec(folder, **changes)

    assert run_stage(folder, stop=StopFlag()) == 1

    failure = failure_of(folder)
    assert failure.reason == reason
    assert text in failure.error
    assert "Traceback" in failure.trace
    assert not (folder / RESULT_FILE).exists()


def test_a_truncated_image_fails_the_stage_by_name(tmp_path: Path, experiment: ResolvedExperiment):
    folder = new_attempt(tmp_path / "run", experiment)
    for image in (tmp_path / "data" / "worlds").rglob("JPEGImages/*"):
        image.write_bytes(image.read_bytes()[:200])

    assert run_stage(folder, stop=StopFlag()) == 1

    assert failure_of(folder).reason == ReasonCode.DATA_ERROR
    assert "JPEGImages" in failure_of(folder).error


def raising(error: BaseException) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DataError("broken.png: is broken"), ReasonCode.DATA_ERROR),
        (torch.OutOfMemoryError("CUDA out of memory"), ReasonCode.GPU_OUT_OF_MEMORY),
        (MemoryError(), ReasonCode.HOST_OUT_OF_MEMORY),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"), ReasonCode.HOST_OUT_OF_MEMORY),
        (OSError(errno.ENOSPC, "No space left on device"), ReasonCode.DISK_FULL),
        (RuntimeError("PytorchStreamWriter failed: No space left on device"), ReasonCode.DISK_FULL),
        (ZeroDivisionError("division by zero"), ReasonCode.USER_CODE_ERROR),
    ],
)
def test_every_kind_of_error_has_its_reason_and_a_sentence_of_one_line(error: Exception, reason: ReasonCode):
    found, sentence = describe_failure(error)

    assert found == reason
    assert "\n" not in sentence
    assert str(error).partition(":")[0] in sentence


def test_an_error_in_the_middle_leaves_the_checkpoints_before_it(
    tmp_path: Path, experiment: ResolvedExperiment, monkeypatch: pytest.MonkeyPatch
):
    folder = new_attempt(tmp_path / "run", experiment)
    before_iteration(monkeypatch, 6, raising(OSError(errno.ENOSPC, "No space left on device")))

    assert run_stage(folder, stop=StopFlag()) == 1

    assert failure_of(folder).reason == ReasonCode.DISK_FULL
    assert read_checkpoint(folder / "checkpoint" / "4").iteration == 4


def test_the_reason_is_written_though_the_disk_is_full(
    tmp_path: Path, experiment: ResolvedExperiment, monkeypatch: pytest.MonkeyPatch
):
    folder = new_attempt(tmp_path / "run", experiment)
    write = os.write

    def write_if_there_is_room(descriptor: int, data: bytes) -> int:
        if (folder / RESERVE_FILE).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data)

    before_iteration(monkeypatch, 6, lambda: monkeypatch.setattr(os, "write", write_if_there_is_room))

    assert run_stage(folder, stop=StopFlag()) == 1

    assert failure_of(folder).reason == ReasonCode.DISK_FULL
    assert not (folder / RESERVE_FILE).exists()
