from __future__ import annotations

import torch

from core.models.openset.decisions import BranchRule, DecisionRule, decide
from core.models.openset.detection import DetectionRule, decide_on, find_candidates
from core.models.openset.localisation_rpn import ProposalRule, Proposals, select_proposals
from core.models.openset.masks import paste_mask, polygon_target
from core.models.openset.region_pool import pool_regions
from core.models.openset.roi_heads import HeadSizes, OpenSetHeads

SIZES = HeadSizes(channels=4, pooled=3, box_features=8, embedding=5, mask_convs=1, mask_width=6, mask_weights=3)


def test_an_image_without_proposals_has_no_object() -> None:
    heads = OpenSetHeads(SIZES, 2)
    pyramid = [torch.zeros(1, 4, side, side) for side in (16, 8, 4, 2)]
    rule = DetectionRule()

    candidates = find_candidates(heads, pyramid, [Proposals(torch.zeros(0, 4), torch.zeros(0))], [(64, 64)], rule)
    (found,) = decide_on(heads, pyramid, candidates, rule)

    assert found.boxes.shape == (0, 4)
    assert found.masks.shape == (0, 28, 28)


def test_known_objects_suppress_unknown_ones_where_they_are_told_to() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 10], [50, 50, 60, 60]])
    scores, strange = torch.tensor([0.9, 0.5, 0.8]), torch.tensor([True, False, True])
    probs = torch.tensor([[0.0, 0], [0.1, 0.7], [0, 0]])

    apart = decide(boxes, scores, strange, probs, DecisionRule())
    together = decide(boxes, scores, strange, probs, DecisionRule(cross_suppress=True))

    assert apart.heads.tolist() == [-1, -1, 1, 0]  # one box may have two classes
    assert together.heads.tolist() == [-1, 1, 0]
    assert together.rows.tolist() == [2, 1, 1]


def test_a_class_may_count_by_how_well_its_box_is_localised() -> None:
    boxes, probs = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[0.8]])
    rule = DecisionRule(known=BranchRule(score=0.3), score_mode="cls_times_loc")

    found = decide(boxes, torch.tensor([0.5]), torch.tensor([False]), probs, rule)

    assert torch.allclose(found.scores, torch.tensor([0.4]))


def test_suppression_keeps_the_best_of_all_levels() -> None:
    boxes = [torch.tensor([[[0.0, 0, 10, 10], [0, 0, 10, 9.5]]]), torch.tensor([[[0.0, 0, 10, 10]]])]
    scores = [torch.tensor([[0.5, 0.6]]), torch.tensor([[0.9]])]

    (found,) = select_proposals(boxes, scores, [(20, 20)], ProposalRule(10, "nms", 0.7, post_topk=2))

    assert torch.allclose(found.scores, torch.tensor([0.9, 0.6]))


def test_no_regions_have_no_features() -> None:
    assert pool_regions([torch.zeros(1, 3, 8, 8)], [torch.zeros(0, 4)], 7).shape == (0, 3, 7, 7)


def test_a_mask_beyond_the_image_is_cut() -> None:
    mask = paste_mask(torch.ones(28, 28), [-10.0, 2, 4, 6], (8, 8))

    assert mask[2:6, :4].all()
    assert mask.sum() == 16


def test_an_object_without_outline_has_an_empty_mask() -> None:
    assert not polygon_target([], [0.0, 0, 10, 10]).any()
