"""Which images may enter the memory, and the geometry of their objects (EIR 4.2)."""

import numpy as np

from core.memory.geometry import ClassGeometry, measure_classes
from core.memory.instances import MemoryRules, judge
from tests.support.parity import load_case

BORDER_PX = 3


def test_images_whose_classes_are_one_blob_each_are_accepted() -> None:
    case = load_case("eir", "instance_filter")
    labels = case["labels"].astype(np.uint8)
    classes = range(1, case["components"].shape[1] + 1)

    accepted = [judge(label, classes, MemoryRules(1)).kept is not None for label in labels]

    assert accepted == case["accept"].astype(bool).tolist()


def test_components_and_areas_of_every_class() -> None:
    case = load_case("eir", "instance_filter")

    measured = _measure(case)

    assert np.array_equal([geometry.components for geometry in measured], case["components"])
    assert np.array_equal([geometry.areas for geometry in measured], case["area"])


def test_largest_box_of_every_class() -> None:
    case = load_case("eir", "instance_filter")
    expected = case["largest_bbox_xyxy"]
    far_corner_inclusive = np.where(expected[..., :1] < 0, 0, [0, 0, 1, 1])

    boxes = [geometry.boxes for geometry in _measure(case)]

    assert np.array_equal(boxes, expected + far_corner_inclusive)


def test_objects_near_the_border() -> None:
    case = load_case("eir", "instance_filter")
    labels = case["labels"].astype(np.uint8)

    near = [geometry.near_border(label, BORDER_PX) for geometry, label in zip(_measure(case), labels, strict=True)]

    assert np.array_equal(np.where(case["area"] > 0, near, -1), case["near_edge3"])


def _measure(case: dict[str, np.ndarray]) -> list[ClassGeometry]:
    classes = range(1, case["components"].shape[1] + 1)
    return [measure_classes(label, classes) for label in case["labels"].astype(np.uint8)]
