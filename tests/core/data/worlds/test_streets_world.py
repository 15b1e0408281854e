from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.data.classes import IGNORE_INDEX, SYNTHIA_16
from core.data.faults import FaultKind
from core.data.groups import groups_of
from core.data.opening import OpenedDataset, on_disk, open_dataset
from core.data.verify import verify_dataset
from core.data.worlds.streets import StreetsWorld
from core.data.worlds.streets_world import DISTRICTS, FIRST_EVAL_INDEX, SEQUENCES, StreetsDatasetSpec, wide_png

LAYOUTS = ["cityscapes", "gta5", "idd", "mapillary", "synthia"]
TRAIN, EVAL = 6, 2


def spec_of(layout: str, **changes: Any) -> StreetsDatasetSpec:
    """Return a small world; its bonnet is ignored, so that every layout has something to ignore."""
    settings = {"domain": "city-a", "height_px": 40, "width_px": 80, "train_images": TRAIN, "eval_images": EVAL}
    return StreetsDatasetSpec.model_validate({"world": "streets", "layout": layout, **settings, **changes})


@pytest.fixture(scope="module", params=LAYOUTS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, OpenedDataset]:
    """A world in each layout, read by the adapter of the real data."""
    return request.param, open_dataset(spec_of(request.param), tmp_path_factory.mktemp(request.param))


def scene_indices(layout: str) -> list[int]:
    """Return the scenes of the training split in its order, which is that of names: cities or sequences come first."""
    if layout == "idd":
        return sorted(range(TRAIN), key=lambda index: (index % SEQUENCES, index))
    if layout != "cityscapes":
        return list(range(TRAIN))
    return sorted(range(TRAIN), key=lambda index: (DISTRICTS[index % len(DISTRICTS)], index))


def expected_labels(layout: str, index: int) -> np.ndarray:
    """Return the train ids of a scene; what SYNTHIA cannot name is ignored."""
    label = StreetsWorld("city-a", 40, 80).scene(index).label
    return np.where(np.isin(label, SYNTHIA_16), label, IGNORE_INDEX) if layout == "synthia" else label


def test_labels_are_the_scene_s_train_ids_pixel_by_pixel(written: tuple[str, OpenedDataset]) -> None:
    layout, opened = written
    for number, index in enumerate(scene_indices(layout)):
        np.testing.assert_array_equal(opened.train.label(number), expected_labels(layout, index))
    for number in range(EVAL):
        np.testing.assert_array_equal(opened.eval.label(number), expected_labels(layout, FIRST_EVAL_INDEX + number))


def test_pictures_are_kept_without_loss(written: tuple[str, OpenedDataset]) -> None:
    layout, opened = written
    expected = StreetsWorld("city-a", 40, 80).scene(scene_indices(layout)[1]).image
    np.testing.assert_array_equal(opened.train.image(1), expected)


def test_splits_have_their_sizes_and_share_no_picture(written: tuple[str, OpenedDataset]) -> None:
    _, opened = written
    assert (len(opened.train), len(opened.eval)) == (TRAIN, EVAL)
    assert not set(opened.train.ids) & set(opened.eval.ids)


def test_classes_are_known_without_drawing(written: tuple[str, OpenedDataset]) -> None:
    layout, opened = written
    assert spec_of(layout).class_table == opened.classes


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_written_world_has_no_fault(layout: str, tmp_path: Path) -> None:
    report = verify_dataset(on_disk(spec_of(layout), tmp_path))

    assert report.is_sound, report.to_text()
    assert [split.sound for split in report.splits] == [TRAIN, EVAL]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_more_training_pictures_leave_the_evaluation_split_as_it_was(layout: str, tmp_path: Path) -> None:
    few, more = (open_dataset(spec_of(layout, train_images=count, eval_images=7), tmp_path) for count in (1, 3))

    for number in range(7):
        np.testing.assert_array_equal(few.eval.image(number), more.eval.image(number))
        np.testing.assert_array_equal(few.eval.label(number), more.eval.label(number))


def test_the_districts_of_the_cityscapes_layout_are_groups_of_nearly_one_size(tmp_path: Path) -> None:
    opened = open_dataset(spec_of("cityscapes"), tmp_path)

    groups = groups_of(opened.folder, opened.train.ids)

    assert sorted(groups) == sorted([*DISTRICTS, DISTRICTS[0]])


def test_a_wide_png_is_a_picture_of_sixteen_bits() -> None:
    samples = np.array([[[258, 0, 7], [1, 2, 3]]], dtype=np.uint16)

    data = wide_png(samples)

    # Bit depth and colour type of the header; Pillow keeps the higher byte of each sample: 258 = 256 + 2.
    assert tuple(data[24:26]) == (16, 2)
    assert np.asarray(Image.open(io.BytesIO(data))).tolist() == [[[1, 0, 0], [0, 0, 0]]]


LABEL_FOLDERS = {
    "cityscapes": "gtFine/train",
    "gta5": "labels",
    "idd": "gtFine/train",
    "mapillary": "train/labels",
    "synthia": "GT/LABELS",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_faults_of_label_files_are_reported_in_every_layout(layout: str, tmp_path: Path) -> None:
    spec = on_disk(spec_of(layout), tmp_path)
    unknown, cut, missing = sorted((Path(spec.root) / LABEL_FOLDERS[layout]).glob("**/*.png"))[:3]
    Image.fromarray(np.full((40, 80), 77, np.uint8)).save(unknown)
    cut.write_bytes(cut.read_bytes()[:200])
    missing.unlink()

    faults = {fault.path: fault for fault in verify_dataset(spec).faults}

    assert faults[str(unknown)].kind is FaultKind.UNKNOWN_ID
    assert "label id 77 (3200 pixels)" in faults[str(unknown)].message
    assert faults[str(cut)].kind is FaultKind.UNREADABLE
    assert faults[str(missing)].kind is FaultKind.MISSING_FILE
    assert len(faults) == 3
