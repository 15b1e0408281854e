from __future__ import annotations

import math

import torch

from core.models.openset.matching import (
    IGNORED,
    NEGATIVE,
    POSITIVE,
    RegionRule,
    SamplingRule,
    anchor_targets,
    centerness,
    match,
    sample_regions,
    subsample,
)

BOXES = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 5], [20, 20, 30, 30]])
NO_BOXES = torch.zeros(0, 4)


def test_a_ground_truth_promotes_its_best_box_however_small_their_iou() -> None:
    found = match(torch.tensor([[0.0, 0, 4, 4]]), BOXES, 0.3, 0.7, promotes=True)

    assert found.labels.tolist() == [NEGATIVE, POSITIVE, NEGATIVE]  # IoU 0.16, 0.32 and 0
    assert math.isclose(found.iou[1], 16 / 50, rel_tol=1e-6)


def test_a_ground_truth_that_meets_no_box_promotes_none() -> None:
    found = match(torch.tensor([[100.0, 100, 110, 110]]), BOXES, 0.3, 0.7, promotes=True)

    assert found.labels.tolist() == [NEGATIVE] * 3


def test_boxes_between_the_bounds_are_ignored() -> None:
    found = match(BOXES[:1], BOXES, 0.3, 0.7, promotes=False)

    assert found.labels.tolist() == [POSITIVE, IGNORED, NEGATIVE]


def test_an_image_without_ground_truth_is_all_negative() -> None:
    rule = SamplingRule(0.3, 0.7, 2, 0.5)

    targets = anchor_targets(BOXES, NO_BOXES, rule, rule, torch.arange)

    assert targets.box_labels.tolist() == [NEGATIVE, NEGATIVE, IGNORED]
    assert targets.boxes.abs().max() == 0
    assert targets.centerness.tolist() == [0, 0, 0]


def test_regions_of_an_image_without_ground_truth_are_background() -> None:
    truth = NO_BOXES, torch.zeros(0, dtype=torch.int64)

    found = sample_regions(BOXES, truth, 7, RegionRule(count=2), torch.arange)

    assert found.classes.tolist() == [7, 7]
    assert found.truth_boxes.abs().max() == 0


def test_positives_are_bounded_and_negatives_fill_up() -> None:
    labels = torch.tensor([POSITIVE] * 5 + [NEGATIVE] * 5 + [IGNORED])

    positive, negative = subsample(labels, 6, 0.4, lambda count: torch.arange(count).flip(0))

    assert positive.tolist() == [4, 3]
    assert negative.tolist() == [9, 8, 7, 6]


def test_centerness_is_one_in_the_middle_and_zero_outside() -> None:
    anchors = torch.tensor([[4.0, 4, 6, 6], [0, 4, 4, 6], [-4, 4, 0, 6]])

    found = centerness(anchors, BOXES[:1].expand(3, 4))

    assert torch.allclose(found, torch.tensor([1.0, math.sqrt(2 / 8), 0]))
