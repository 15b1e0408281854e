"""Anchors, box codes, targets, losses and choice of the proposals (SemSeg 3.2, 3.3, 4.1 to 4.3)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.losses.box_regression import BoxLossName
from core.methods.semseg.losses import proposal_box_loss, proposal_score_loss
from core.models.openset.boxes import (
    decode_deltas,
    decode_sides,
    encode_deltas,
    encode_sides,
    grid_anchors,
)
from core.models.openset.localisation_rpn import LocalisationHead, ProposalRule, select_proposals
from core.models.openset.matching import IGNORED, SamplingRule, anchor_targets
from tests.parity.semseg.recorded import named, tensors
from tests.support.parity import assert_close, load_case


def test_anchors_have_fixed_strides() -> None:
    case = load_case("semseg", "anchors")
    grids = [(int(rows), int(columns)) for rows, columns in case["grids"]]

    found = grid_anchors(grids, case["sizes"].tolist(), case["strides"].tolist())

    assert len(found) == len(grids)
    for level, anchors in enumerate(found):
        assert_close(anchors, case[f"anchors_l{level}"], 1e-5)


def test_the_proposal_head_normalises_and_gives_scores() -> None:
    case = tensors("rpn_head")
    levels = len(named(case, "feat_l"))
    head = LocalisationHead(case["conv_w"].shape[0])
    parts = {"conv": "conv", "sides": "delta", "centerness": "ctr"}
    head.load_state_dict(
        {
            f"{ours}.{long}": case[f"{theirs}_{short}"]
            for ours, theirs in parts.items()
            for long, short in (("weight", "w"), ("bias", "b"))
        }
    )

    with torch.no_grad():
        sides, scores = head([case[f"feat_l{level}"] for level in range(levels)])

    for level in range(levels):
        assert_close(sides[level], case[f"deltas_l{level}"], 1e-5)
        assert_close(scores[level], case[f"ctr_l{level}"], 1e-5)


def test_both_box_codes() -> None:
    case = tensors("box_coders")

    assert_close(encode_sides(case["anchors"], case["targets"]), case["linear_deltas"], 1e-5)
    assert_close(decode_sides(case["anchors"], case["pred_deltas"]), case["linear_decoded"], 1e-5)
    assert_close(encode_deltas(case["props"], case["gts"]), case["std_deltas"], 1e-5)
    assert_close(decode_deltas(case["props"], case["std_pred"]), case["std_decoded"], 1e-5)


@pytest.mark.parametrize("prefix", ["full", "sub"])
@pytest.mark.parametrize("image", [0, 1])
def test_targets_of_anchors(prefix: str, image: int) -> None:
    case = tensors("anchor_targets")
    anchors = case["anchors"]
    count = int(case["sub_batch"]) if prefix == "sub" else 4 * len(anchors)
    rules = (SamplingRule(0.3, 0.7, count, 0.5), SamplingRule(0.1, 0.3, count, 1.0))

    found = anchor_targets(anchors, case[f"gt_{image}"], *rules, torch.arange)

    np.testing.assert_array_equal(found.box_labels, case[f"{prefix}_loc_label_{image}"])
    np.testing.assert_array_equal(found.score_labels, case[f"{prefix}_obj_label_{image}"])
    assert_close(found.boxes, case[f"{prefix}_matched_box_{image}"], 1e-5)
    assert_close(found.centerness, case[f"{prefix}_ctr_target_{image}"], 1e-5)


@pytest.mark.parametrize("name", ["iou", "smooth_l1", "giou"])
def test_losses_of_proposals(name: BoxLossName) -> None:
    case = tensors("rpn_losses")
    per_image = int(case["batch_size_per_image"])
    deltas, scores = case["pred_delta"].requires_grad_(), case["pred_ctr"].requires_grad_()

    boxes = proposal_box_loss(name, case["anchors"], deltas, case["matched_box"], case["loc_label"], per_image)
    score = proposal_score_loss(scores, case["ctr_target"], case["obj_label"], per_image)
    boxes, score = boxes * float(case["w_loc"]), score * float(case["w_ctr"])
    (boxes + score).backward()

    assert_close(boxes.detach(), case[f"loss_loc_{name}"], 1e-5)
    assert_close(score.detach(), case["loss_ctr"], 1e-5)
    assert_close(scores.grad, case["grad_ctr"], 1e-4)
    if name == "iou":
        assert_close(deltas.grad, case["grad_delta"], 1e-4)


def test_losses_of_proposals_are_zero_where_everything_is_ignored() -> None:
    case = tensors("rpn_losses")
    ignored = torch.full_like(case["loc_label"], IGNORED)
    deltas, scores = case["pred_delta"].requires_grad_(), case["pred_ctr"].requires_grad_()

    boxes = proposal_box_loss("iou", case["anchors"], deltas, case["matched_box"], ignored, 256)
    score = proposal_score_loss(scores, case["ctr_target"], ignored, 256)
    (boxes + score).backward()

    assert_close(boxes.detach(), case["loss_loc_none"], 1e-5)
    assert_close(score.detach(), case["loss_ctr_none"], 1e-5)
    assert deltas.grad is not None and deltas.grad.abs().max() == 0


@pytest.mark.parametrize("rule", ["code", "nms07", "nms10"])
def test_choice_of_proposals(rule: str) -> None:
    case = tensors("proposals")
    levels = range(len(named(case, "boxes_l")))
    iou = {"code": 0.7, "nms07": 0.7, "nms10": 1.0}[rule]
    choice = ProposalRule(
        int(case["pre_topk"]), "none" if rule == "code" else "nms", nms_iou=iou, post_topk=int(case["post_topk"])
    )
    sizes = [(int(height), int(width)) for height, width in case["image_sizes"]]

    found = select_proposals(
        [case[f"boxes_l{level}"] for level in levels], [case[f"scores_l{level}"] for level in levels], sizes, choice
    )

    for image, proposals in enumerate(found):
        assert_close(proposals.boxes, case[f"{rule}_boxes_{image}"], 1e-5)
        assert_close(proposals.scores, case[f"{rule}_scores_{image}"], 1e-5)
