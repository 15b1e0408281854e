"""The world on disk, read back by the adapter of the real data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.classes import voc_colour
from core.data.opening import OpenedDataset, on_disk, open_dataset
from core.data.verify import verify_dataset
from core.data.worlds.objects import ObjectsWorld
from core.data.worlds.objects_world import FIRST_EVAL_INDEX, ObjectsDatasetSpec

SPEC = ObjectsDatasetSpec(world="objects", classes=4, size_px=48, train_images=6, eval_images=3, density_max=3, seed=9)
WORLD = ObjectsWorld(classes=4, size_px=48, density=(1, 3), seed=9)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def opened(home: Path) -> OpenedDataset:
    return open_dataset(SPEC, home)


def test_labels_read_back_are_the_drawn_ones(opened: OpenedDataset) -> None:
    for index in range(6):
        np.testing.assert_array_equal(opened.train.label(index), WORLD.scene(index).label)
    for index in range(3):
        np.testing.assert_array_equal(opened.eval.label(index), WORLD.scene(FIRST_EVAL_INDEX + index).label)


def test_images_read_back_differ_by_the_compression_alone(opened: OpenedDataset) -> None:
    drawn, read = WORLD.scene(2).image.astype(float), opened.train.image(2).astype(float)

    assert np.abs(drawn - read).mean() < 8


def test_labels_carry_the_palette_of_voc(home: Path, opened: OpenedDataset) -> None:
    root = Path(on_disk(SPEC, home).root) / "VOC2012"

    with PILImage.open(root / "SegmentationClassAug/train_000000.png") as label:
        assert label.mode == "P"
        assert (label.getpalette() or [])[3:6] == list(voc_colour(1))


def test_instance_masks_lie_beside_the_labels(home: Path, opened: OpenedDataset) -> None:
    root = Path(on_disk(SPEC, home).root) / "VOC2012"

    with PILImage.open(root / "SegmentationObject/train_000003.png") as instances:
        np.testing.assert_array_equal(np.asarray(instances), WORLD.scene(3).instances)


def test_exported_world_has_no_fault_and_says_what_it_is(home: Path, opened: OpenedDataset) -> None:
    folder = on_disk(SPEC, home)

    assert verify_dataset(folder).faults == ()
    assert ObjectsDatasetSpec.model_validate(json.loads((Path(folder.root) / "world.json").read_text())) == SPEC


def test_more_training_pictures_change_neither_the_others_nor_the_evaluation(
    opened: OpenedDataset, tmp_path: Path
) -> None:
    larger = open_dataset(SPEC.model_copy(update={"train_images": 8}), tmp_path)

    np.testing.assert_array_equal(larger.train.image(5), opened.train.image(5))
    np.testing.assert_array_equal(larger.eval.image(0), opened.eval.image(0))


def test_objects_are_exported_in_the_layout_of_coco(tmp_path: Path) -> None:
    spec = SPEC.model_copy(update={"labels": "instances"})
    opened = open_dataset(spec, tmp_path)
    scene, found = WORLD.scene(FIRST_EVAL_INDEX + 1), opened.eval.instances(1)
    seen = scene.masks.any(axis=(1, 2))

    np.testing.assert_array_equal(found.masks, scene.masks[seen])
    np.testing.assert_array_equal(found.classes, scene.instance_classes[seen])
    np.testing.assert_array_equal(found.boxes[:, 2:] - found.boxes[:, :2], scene.boxes[seen, 2:])
    assert opened.classes.names == spec.class_table.names
    assert spec.digest() != SPEC.digest()
