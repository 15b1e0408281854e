"""What is written of an image with a foreground."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.samples import Mask
from core.engine.binary_panels import BinaryPanel, save_binary_panel
from core.metrics.boundary import mask_iou
from core.stage.events import Prediction


def mask(*rows: str) -> Mask:
    """Return a mask written as text; `#` is foreground."""
    return np.array([[cell == "#" for cell in row] for row in rows])


def saved(folder: Path, truth: Mask, prediction: Mask) -> Prediction:
    image = np.arange(truth.size * 3, dtype=np.uint8).reshape(*truth.shape, 3)
    return save_binary_panel(folder, "panels", 1, BinaryPanel("leaf", image, truth, prediction))


def test_masks_are_written_as_raw_ids_beside_the_picture(tmp_path: Path):
    item = saved(tmp_path, mask("##.", "..."), mask(".#.", "..#"))

    assert (item.source, item.width, item.height, item.classes) == ("leaf", 3, 2, [1])
    assert np.asarray(Image.open(tmp_path / item.labels)).tolist() == [[1, 1, 0], [0, 0, 0]]
    assert np.asarray(Image.open(tmp_path / item.prediction)).tolist() == [[0, 1, 0], [0, 0, 1]]
    assert Image.open(tmp_path / item.image).mode == "RGB"
    assert item.pixel_accuracy == pytest.approx(4 / 6)
    assert item.iou == {1: pytest.approx(1 / 3)}


def test_foreground_that_is_not_there_has_an_iou_of_zero_where_it_is_predicted(tmp_path: Path):
    item = saved(tmp_path, mask("..", ".."), mask("#.", ".."))

    assert (item.classes, item.iou) == ([], {1: 0.0})


def test_without_foreground_in_either_mask_there_is_no_iou(tmp_path: Path):
    empty = mask("..", "..")

    assert mask_iou(empty, empty) is None
    assert saved(tmp_path, empty, empty).iou == {}
