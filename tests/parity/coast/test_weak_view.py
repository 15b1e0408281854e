"""Items brought to one size, and the weak augmentation of image, label and soft label (CoaST 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import get_args

import numpy as np
import pytest
import torch

from core.data.classes import ClassTable
from core.data.domain_classes import SEVEN_CLASSES, STREET_IDS, ClassCount, StreetDataset
from core.data.label_ids import lookup_table, remap
from core.data.resized import ResizedDataset
from core.data.transforms.weak_view import (
    WeakView,
    scaled_size,
    soft_view,
    soft_weights,
    to_unit,
    weak_augment,
)
from core.methods.coast.pseudo_labels import GRID_SHARE
from tests.support.parity import assert_close, load_case

IGNORED = 250


class OneItem:
    """A recorded image with its label, as a dataset."""

    ids: Sequence[str] = ("recorded",)
    classes: ClassTable = SEVEN_CLASSES

    def __init__(self, image: np.ndarray, label: np.ndarray) -> None:
        self._image, self._label = image.astype(np.uint8), label.astype(np.uint8)

    def __len__(self) -> int:
        return 1

    def image(self, _index: int) -> np.ndarray:
        return self._image

    def label(self, _index: int) -> np.ndarray:
        return self._label


@pytest.mark.parametrize("dataset", get_args(StreetDataset))
def test_items_are_resized_and_mapped_as_recorded(dataset: StreetDataset) -> None:
    case = load_case("coast", "dataset_item")
    width, height = case["size_wh"].tolist()
    item = ResizedDataset(OneItem(case[f"{dataset}_raw_img"], case[f"{dataset}_raw_label"]), (width, height))

    assert_close(to_unit(item.image(0)), case[f"{dataset}_img"], 1e-6)
    for classes in get_args(ClassCount):
        mapped = remap(item.label(0), lookup_table(STREET_IDS[dataset, classes]))
        assert_close(np.where(mapped == 255, IGNORED, mapped), case[f"{dataset}_{classes}_label"], 0)


def test_views_are_the_recorded_ones() -> None:
    case = load_case("coast", "weak_augment")
    image, label = (case[name].astype(np.uint8) for name in ("image", "label"))
    probs = torch.from_numpy(case["lpsoft"]).double()
    crop_w, crop_h = case["crop_wh"].tolist()
    height, width = label.shape
    for index in count():
        if f"c{index}_factor" not in case:
            break
        column, row, is_flipped = case[f"c{index}_x1y1_flip"].tolist()
        size = scaled_size((height, width), int(case["resize"]), float(case[f"c{index}_factor"]))
        view = WeakView(size, row, column, bool(is_flipped))
        pixels, ids = weak_augment(image, label, view, (crop_h, crop_w))

        assert_close(size, case[f"c{index}_scaled_hw"], 0)
        assert_close(pixels, case[f"c{index}_image"], 0)
        assert_close(ids, case[f"c{index}_label"], 0)
        assert_close(to_unit(pixels), case[f"c{index}_img_tensor"], 1e-6)
        for name, share in (("lpsoft", 1), ("lpgrid", GRID_SHARE)):
            stored = (probs.shape[1], probs.shape[2])
            weights = soft_weights(stored, (height, width), view, (crop_h, crop_w), share, "chain")
            found = soft_view(probs, *(torch.from_numpy(axis) for axis in weights))
            assert_close(found, case[f"c{index}_{name}"], 1e-5)
    assert index > 0
