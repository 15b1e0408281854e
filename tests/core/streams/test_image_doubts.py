"""What images cannot give, or give without being meant to."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.presence import scan_presence
from core.data.specs import FolderDatasetSpec
from core.errors import ConfigError, Fault
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import TaskStream
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.image_doubts import image_warnings, require_other_test_images
from core.streams.known import known_datasets
from tests.support.datasets import write_folder_dataset

CLASSES = ("floor", "one", "two", "never")
STEPS = ClassIncrementalStream(steps=((1,), (2, 3)))


def dataset(root: Path, **options: str | bool) -> FolderDatasetSpec:
    spec = write_folder_dataset(root, train=((1,), (2,), (1, 2)), evaluation=((1,), (2,)), classes=CLASSES)
    return spec.model_copy(update=options)


def warnings(stream: TaskStream, spec: FolderDatasetSpec, cache: Path) -> list[Fault]:
    uses = stream.datasets(spec)
    known = known_datasets(uses, cache, cache)
    for one in known.values():
        if one.train is not None:
            scan_presence(one.train, cache)
    return list(image_warnings(stream, uses, known_datasets(uses, cache, cache)))


def test_a_step_whose_class_no_image_shows_is_named(tmp_path: Path) -> None:
    [warning] = warnings(STEPS, dataset(tmp_path / "data"), tmp_path)

    assert (warning.pointer, warning.code) == ("/stream/steps/1", "class_without_pixel")
    assert warning.message == "none of the 2 training images of step 1 shows a pixel of 3 'never'; nothing teaches it"


def test_target_and_source_are_both_looked_at(tmp_path: Path) -> None:
    source = dataset(tmp_path / "source")
    stream = ActiveRoundsStream(source=source, initial_images=1, budgets=(1,))

    found = warnings(stream, dataset(tmp_path / "target"), tmp_path)

    assert [(warning.pointer, warning.message) for warning in found] == [
        ("/dataset", "none of the 3 training images shows a pixel of 3 'never'; nothing teaches it"),
        ("/stream/source", "none of the 3 training images shows a pixel of 3 'never'; nothing teaches it"),
    ]


def test_before_a_scan_nothing_is_said_of_classes(tmp_path: Path) -> None:
    uses = STEPS.datasets(dataset(tmp_path / "data"))

    assert list(image_warnings(STEPS, uses, known_datasets(uses, tmp_path, tmp_path))) == []


def test_some_test_images_that_are_learned_are_counted(tmp_path: Path) -> None:
    spec = dataset(tmp_path / "data")
    (tmp_path / "data/val.txt").write_text("val_0\ntrain_1\n")
    uses = STEPS.datasets(spec)
    known = known_datasets(uses, tmp_path, tmp_path)

    [warning] = image_warnings(STEPS, uses, known)

    assert (warning.pointer, warning.code) == ("/dataset/eval_split", "learned_test_images")
    assert warning.message == (
        "1 of the 2 test images of the main dataset are its own training images; scores would count what was learned: "
        "train_1"
    )
    require_other_test_images(uses, known)


def test_test_images_of_the_target_in_the_source_are_counted(tmp_path: Path) -> None:
    target = dataset(tmp_path / "data")
    stream = ActiveRoundsStream(source=target.model_copy(update={"train_split": "val"}), initial_images=1, budgets=(1,))
    uses = stream.datasets(target)

    [warning] = image_warnings(stream, uses, known_datasets(uses, tmp_path, tmp_path))

    assert warning.pointer == "/stream/source"
    assert warning.message.startswith(
        "2 of the 2 test images of the target dataset are training images of the source; "
    )


def test_testing_on_the_training_set_is_refused_unless_it_is_said(tmp_path: Path) -> None:
    spec = dataset(tmp_path / "data", eval_split="train")
    uses = STEPS.datasets(spec)
    known = known_datasets(uses, tmp_path, tmp_path)

    with pytest.raises(ConfigError, match="all 3 test images of split 'train' are training images") as refused:
        require_other_test_images(uses, known)
    assert refused.value.pointer == "/dataset/eval_split"
    meant = STEPS.datasets(spec.model_copy(update={"may_test_on_training": True}))
    require_other_test_images(meant, known)
