"""Data that change while a run waits, or is interrupted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.data.class_file import write_class_file
from core.data.classes import VOC_CLASSES, ClassTable
from core.data.decoding import read_label
from core.data.opening import OpenedDataset, open_dataset
from core.data.pairing import PairedFiles
from core.data.specs import FolderDatasetSpec
from core.errors import DataError, ReasonCode
from core.experiment import plan
from core.files import index_png
from core.runner.local import run_experiment, stage_folder
from core.runner.same_data import data_digests, require_same_classes
from core.stage.folder import EXIT_INTERRUPTED, StageDataset
from core.stage.interrupt import StopFlag
from tests.support.datasets import pairs_of, put_id_into_label, write_folder_dataset
from tests.support.local_runs import failure_of, finish, in_this_process, small_run, stopping_after

FROZEN = {1: "tent", 2: "star"}


@pytest.mark.parametrize(
    ("present", "change"),
    [
        ({1: "tent", 2: "kite"}, "class 2 was 'star' and is 'kite'"),
        ({1: "star", 2: "tent"}, "class 1 was 'tent' and is 'star'"),
        ({1: "tent"}, "class 2 'star' is gone"),
        ({1: "tent", 2: "star", 3: "kite"}, "class 3 'kite' is new"),
    ],
)
def test_a_class_list_that_changed_is_refused_and_the_class_named(present: dict[int, str], change: str) -> None:
    with pytest.raises(DataError, match=f"{change}; restore the class list, or submit the experiment anew"):
        require_same_classes(FROZEN, present)


def test_the_same_classes_pass_and_so_do_those_of_which_nothing_was_kept() -> None:
    require_same_classes(FROZEN, dict(FROZEN))
    require_same_classes({}, FROZEN)


def opened(root: Path, labelled: list[str]) -> tuple[dict[str, OpenedDataset[PairedFiles]], dict[str, StageDataset]]:
    named = FolderDatasetSpec(adapter="folder", root=str(root))
    stage = StageDataset.model_validate({"spec": named.model_dump(), "splits": ["train", "eval"], "labelled": labelled})
    return {"main": open_dataset(named, root)}, {"main": stage}


def test_a_label_that_changed_by_one_pixel_changes_the_digest_of_what_is_learned_from(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    before = data_digests(*opened(tmp_path, ["train", "eval"]))

    put_id_into_label(pairs_of(spec)[1], 2)

    assert data_digests(*opened(tmp_path, ["train", "eval"])).keys() == before.keys() == {"main/train"}
    assert data_digests(*opened(tmp_path, ["train", "eval"])) != before


def test_labels_that_nobody_needs_do_not_count(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path)
    before = data_digests(*opened(tmp_path, ["eval"]))

    put_id_into_label(pairs_of(spec)[1], 2)

    assert data_digests(*opened(tmp_path, ["eval"])) == before


def test_a_run_whose_classes_were_swapped_in_every_label_is_not_resumed(tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune")
    with stopping_after(3) as stop:
        assert run_experiment(run, stop, in_this_process, lambda _line: None) == EXIT_INTERRUPTED
    swap = np.arange(256, dtype=np.uint8)
    swap[[1, 2]] = 2, 1
    for path in (tmp_path / "dataset").rglob("SegmentationClassAug/*.png"):
        path.write_bytes(index_png(swap[read_label(path)]))

    assert run_experiment(run, StopFlag(), in_this_process, lambda _line: None) == 1

    failed = failure_of(stage_folder(run.folder, plan(run.experiment)[0]) / "attempt-2")
    assert failed.reason is ReasonCode.DATA_ERROR
    assert "the data have changed since iteration 3: main/train has other classes, images or labels" in failed.error


def test_a_run_goes_on_where_nothing_but_the_times_of_the_files_changed(tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune")
    with stopping_after(3) as stop:
        run_experiment(run, stop, in_this_process, lambda _line: None)
    for path in (tmp_path / "dataset").rglob("*.png"):
        os.utime(path)

    assert run_experiment(run, StopFlag(), in_this_process, lambda _line: None) == 0


def test_a_class_that_was_renamed_between_two_stages_ends_the_next(tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune")
    finish(run)
    shutil.rmtree(stage_folder(run.folder, plan(run.experiment)[1]))
    write_class_file(tmp_path / "dataset", ClassTable({**VOC_CLASSES.names, 3: "Vogel"}))

    assert run_experiment(run, StopFlag(), in_this_process, lambda _line: None) == 1

    failed = failure_of(stage_folder(run.folder, plan(run.experiment)[1]) / "attempt-1")
    assert failed.reason is ReasonCode.DATA_ERROR
    assert "class 3 was 'bird' and is 'Vogel'" in failed.error
