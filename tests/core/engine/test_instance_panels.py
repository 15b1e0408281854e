"""What is written of an image with objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data.exchange.masks import decode_segmentation
from core.data.samples import Instances
from core.engine.instance_panels import Detections, InstancePanel, save_instance_panel
from core.engine.panel_objects import PanelObject, PanelObjects
from core.stage.events import Prediction

CUP, SPOON = 3, 7
SIZE = (6, 4)


def boxed(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """Return the masks that fill these boxes."""
    masks = np.zeros((len(boxes), SIZE[1], SIZE[0]), np.bool_)
    for mask, (x0, y0, x1, y1) in zip(masks, boxes, strict=True):
        mask[y0:y1, x0:x1] = True
    return masks


def saved(folder: Path) -> Prediction:
    """Write a known cup and a crowd of unknown spoons, of which a cup and something unknown are found."""
    there, seen = ((0, 0, 2, 2), (2, 1, 6, 4)), ((0, 0, 3, 2), (3, 1, 6, 3))
    truth = Instances(
        size=SIZE,
        boxes=np.array(there, np.float64),
        masks=boxed(*there),
        classes=np.array([CUP, SPOON]),
        is_crowd=np.array([False, True]),
    )
    found = Detections(
        boxes=np.array(seen, np.float64) + 0.25,
        masks=boxed(*seen),
        classes=np.array([CUP, 0]),
        scores=np.array([0.9, 0.4]),
        is_unknown=np.array([False, True]),
    )
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    return save_instance_panel(folder, "panels", 0, InstancePanel("table", image, truth, found), {CUP})


def objects(path: Path) -> list[PanelObject]:
    return PanelObjects.model_validate_json(path.read_text()).objects


def test_the_ground_truth_says_which_classes_were_not_taught(tmp_path: Path):
    item = saved(tmp_path)

    assert (item.source, item.width, item.height, item.classes) == ("table", 6, 4, [CUP, SPOON])
    assert (item.pixel_accuracy, item.iou) == (None, {})
    cup, spoons = objects(tmp_path / item.labels)
    assert (cup.class_id, cup.is_unknown, cup.is_crowd, cup.score) == (CUP, False, False, None)
    assert (spoons.class_id, spoons.is_unknown, spoons.is_crowd) == (SPOON, True, True)
    assert spoons.box == (2, 1, 6, 4)


def test_detections_have_scores_and_no_class_where_they_are_unknown(tmp_path: Path):
    cup, other = objects(tmp_path / saved(tmp_path).prediction)

    assert (cup.class_id, cup.is_unknown, cup.score, cup.box) == (CUP, False, 0.9, (0.25, 0.25, 3.25, 2.25))
    assert (other.class_id, other.is_unknown, other.score) == (None, True, 0.4)


def test_masks_are_read_as_those_of_annotations_in_the_form_of_coco_are(tmp_path: Path):
    found = objects(tmp_path / saved(tmp_path).prediction)

    masks = [decode_segmentation(one.mask.model_dump(mode="json"), SIZE).mask for one in found]
    assert np.array_equal(masks, boxed((0, 0, 3, 2), (3, 1, 6, 3)))


def test_an_image_may_show_nothing(tmp_path: Path):
    nothing = np.zeros((0, 4))
    truth = Instances(SIZE, nothing, boxed(), np.zeros(0, np.int64), np.zeros(0, np.bool_))
    found = Detections(nothing, boxed(), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_))
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)

    item = save_instance_panel(tmp_path, "panels", 0, InstancePanel("empty", image, truth, found), {CUP})

    assert item.classes == []
    assert objects(tmp_path / item.labels) == objects(tmp_path / item.prediction) == []
