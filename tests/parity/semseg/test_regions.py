"""Sampling, pooling, losses, decisions and masks of regions (SemSeg 3.5, 3.6, 4.4 to 4.8)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.methods.semseg.losses import (
    classification_loss,
    mask_loss,
    metric_loss,
    region_box_loss,
    region_iou_loss,
)
from core.models.openset.boxes import clip_boxes, decode_deltas
from core.models.openset.decisions import BranchRule, DecisionRule, decide, localisation_scores, select_regions
from core.models.openset.dynamic_mask_head import DynamicMaskHead
from core.models.openset.masks import bitmap_targets, paste_mask, polygon_target, scale_boxes
from core.models.openset.matching import RegionRule, sample_regions
from core.models.openset.metric_learning import DistanceName, MetricSpace, is_unknown
from core.models.openset.region_pool import pool_regions, region_levels
from tests.parity.semseg.recorded import named, tensors
from tests.support.parity import assert_close


def head_indices(case: dict[str, Tensor], classes: Tensor) -> Tensor:
    known, background = case["known_contiguous"], int(case["num_classes"])
    heads = torch.full_like(classes, -1)
    for head, contiguous in enumerate(known.tolist()):
        heads[classes == contiguous] = head
    heads[classes == background] = len(known)
    return heads


@pytest.mark.parametrize("appends", [True, False])
@pytest.mark.parametrize("image", [0, 1])
def test_sampling_of_regions(appends: bool, image: int) -> None:
    case = tensors("roi_sampling")
    rule = RegionRule(int(case["batch"]), float(case["positive_fraction"]), appends_truth=appends)
    truth = case[f"gt_boxes_{image}"], case[f"gt_classes_{image}"]

    found = sample_regions(case[f"props_{image}"], truth, int(case["num_classes"]), rule, torch.arange)

    wanted = f"app{int(appends)}"
    np.testing.assert_array_equal(found.classes, case[f"{wanted}_classes_{image}"])
    assert_close(found.boxes, case[f"{wanted}_boxes_{image}"], 1e-5)
    assert_close(found.iou, case[f"{wanted}_ious_{image}"], 1e-5)
    assert_close(found.truth_boxes, case[f"{wanted}_gt_boxes_{image}"], 1e-5)


def test_pooling_of_regions() -> None:
    case = tensors("roi_pool")
    pyramid = [case[f"feat_l{level}"] for level in range(len(named(case, "feat_l")))]
    boxes = case["boxes"]

    np.testing.assert_array_equal(region_levels(boxes, len(pyramid)), case["levels"])
    assert_close(pool_regions(pyramid, [boxes], 7), case["pooled7"], 1e-4)
    assert_close(pool_regions(pyramid, [boxes[: len(case["pooled14"])]], 14), case["pooled14"], 1e-4)


@pytest.mark.parametrize("suffix", ["", "_nofg"])
def test_losses_of_boxes(suffix: str) -> None:
    case = tensors("roi_losses")
    deltas, iou = case[f"deltas{suffix}"].requires_grad_(), case[f"pred_iou{suffix}"].requires_grad_()
    is_foreground = case[f"classes{suffix}"] < int(case["num_classes"])

    boxes = region_box_loss("smooth_l1", case["props"], deltas, case["gt_boxes"], is_foreground) * float(case["w_box"])
    quality = region_iou_loss(iou, case["ious"], is_foreground) * float(case["w_iou"])
    (boxes + quality).backward()

    assert_close(boxes.detach(), case[f"loss_box_reg{suffix}"], 1e-5)
    assert_close(quality.detach(), case[f"loss_iou{suffix}"], 1e-5)
    wanted = (
        (case["grad_deltas"], case["grad_iou"]) if not suffix else (torch.zeros_like(deltas), torch.zeros_like(iou))
    )
    assert_close(deltas.grad, wanted[0], 1e-4)
    assert_close(iou.grad, wanted[1], 1e-4)


def space_of(case: dict[str, Tensor], key: str, distance: DistanceName, decodes: bool = True) -> MetricSpace:
    width, features = case[f"enc_w_{key}"].shape
    per_class = int(key[-1])
    space = MetricSpace(features, width, len(case[f"protos_{key}"]) // per_class, per_class, distance)
    state = space.state_dict() | {
        "encoder.weight": case[f"enc_w_{key}"],
        "encoder.bias": case[f"enc_b_{key}"],
        "prototypes": case[f"protos_{key}"],
    }
    if decodes:
        state |= {"decoder.weight": case[f"dec_w_{key}"], "decoder.bias": case[f"dec_b_{key}"]}
    space.load_state_dict(state)
    return space


def recorded_keys(case: dict[str, Tensor]) -> list[str]:
    return sorted(named(case, "enc_w_"))


@pytest.mark.parametrize("key", recorded_keys(tensors("dml_loss")))
def test_loss_of_the_metric_space(key: str) -> None:
    case = tensors("dml_loss")
    distance: DistanceName = key.split("_", maxsplit=1)[0]  # type: ignore[assignment]
    margins = [float(case[f"{name}_{'cos' if distance == 'COS' else 'other'}"]) for name in ("alpha", "beta")]
    space = space_of(case, key, distance)
    features, heads = case["roi_features"].requires_grad_(), head_indices(case, case["classes"])
    is_taught = (heads >= 0) & (heads < len(case["known_contiguous"])) & (case["ious"] > float(case["iou_threshold"]))

    def loss_of(chosen: Tensor, unit: Tensor) -> Tensor:
        total = metric_loss(
            unit[chosen], heads[chosen], space.prototypes, space.per_class, distance, (margins[0], margins[1])
        )
        return total * float(case["loss_weight"]) / len(unit)

    unit, reconstructed = space(features)
    loss = loss_of(is_taught, unit)
    loss.backward()

    assert_close(unit.detach(), case[f"embedding_{key}"], 1e-5)
    assert_close(reconstructed.detach(), case[f"reconstructed_{key}"], 1e-5)
    assert_close(loss.detach(), case[f"loss_{key}"], 1e-5)
    assert_close(features.grad, case[f"grad_x_{key}"], 1e-4)
    assert_close(space.prototypes.grad, case[f"grad_protos_{key}"], 1e-4)
    assert_close(space.encoder.weight.grad, case[f"grad_enc_w_{key}"], 1e-4)
    nothing = torch.zeros_like(is_taught)
    assert_close(loss_of(nothing, unit.detach()).detach(), case[f"loss_nofg_{key}"], 1e-5)


@pytest.mark.parametrize("key", recorded_keys(tensors("unknown_rule")))
def test_the_rule_of_the_unknown(key: str) -> None:
    case = tensors("unknown_rule")
    distance: DistanceName = key.split("_", maxsplit=1)[0]  # type: ignore[assignment]
    space = space_of(case, key, distance, decodes=False)

    with torch.no_grad():
        unit = space(case[f"features_{key}"]).unit
        nearest = space.nearest(unit)
    contiguous = case["known_contiguous"][nearest.head]
    contiguous[is_unknown(nearest.distance, float(case[f"thr_{key}"]))] = int(case["unknown_id"])

    assert_close(unit, case[f"embedding_{key}"], 1e-5)
    assert_close(nearest.distance, case[f"min_dist_{key}"], 1e-5)
    np.testing.assert_array_equal(contiguous, case[f"pred_{key}"])


def test_classification_loss() -> None:
    case = tensors("softmax_stage")
    features = case["clsloss_features"].requires_grad_()

    logits = F.linear(features, case["clsloss_w"], case["clsloss_b"])
    loss = classification_loss(logits, head_indices(case, case["clsloss_classes"])) * float(case["clsloss_weight"])
    loss.backward()

    assert_close(loss.detach(), case["clsloss_loss"], 1e-5)
    assert_close(features.grad, case["clsloss_grad"], 1e-4)


@pytest.mark.parametrize("situation", sorted(named(tensors("softmax_stage"), "boxes_")))
def test_decisions(situation: str) -> None:
    case = tensors("softmax_stage")
    height, width = case["image_size"].tolist()
    logits = F.linear(case[f"features_{situation}"], case[f"cls_w_{situation}"], case[f"cls_b_{situation}"])
    branches = [
        BranchRule(float(case["score_thresh"]), float(case["nms_thresh"]), int(case[f"{branch}_topk_{situation}"]))
        for branch in ("known", "unknown")
    ]
    strange = ~torch.isin(case[f"dml_class_{situation}"], case["known_contiguous"])

    found = decide(
        clip_boxes(case[f"boxes_{situation}"], (height, width)),
        case[f"scores_{situation}"],
        strange,
        logits.softmax(dim=1)[:, :-1],
        DecisionRule(*branches),
    )
    classes = torch.cat([case["known_contiguous"], torch.tensor([1000])])[found.heads]

    np.testing.assert_array_equal(classes, case[f"out_classes_{situation}"])
    np.testing.assert_array_equal(found.rows, case[f"out_source_row_{situation}"])
    assert_close(found.boxes, case[f"out_boxes_{situation}"], 1e-5)
    assert_close(found.scores, case[f"out_scores_{situation}"], 1e-5)


def test_refined_regions() -> None:
    case = tensors("box_inference")
    height, width = case["image_size"].tolist()
    scores = localisation_scores(case["pred_iou"], case["centerness"])
    boxes = decode_deltas(case["props"], case["deltas"])

    found = select_regions(boxes, scores, (height, width), float(case["score_thresh"]), int(case["topk"]))

    assert_close(scores, case["all_scores"], 1e-5)
    np.testing.assert_array_equal(found.rows, case["source_row"])
    assert_close(found.boxes, case["boxes"], 1e-5)
    assert_close(found.scores, case["scores"], 1e-5)


def test_mask_targets() -> None:
    case = {name: tensor.numpy() for name, tensor in tensors("mask_targets").items()}
    ends = case["poly_index"][:, 1].cumsum()
    outlines = [
        (int(owner), case["poly_points"][end - count : end])
        for (owner, count), end in zip(case["poly_index"], ends, strict=True)
    ]
    owned = {owner: [points for own, points in outlines if own == owner] for owner, _ in outlines}

    for index, (box, wanted) in enumerate(zip(case["boxes"], case["target_from_polygons"], strict=True)):
        np.testing.assert_array_equal(polygon_target(owned.get(index) or owned[0], box, wanted.shape[0]), wanted)
    found = bitmap_targets(torch.from_numpy(case["bitmasks"]), torch.from_numpy(case["boxes"]))
    np.testing.assert_array_equal(found, case["target_from_bitmasks"])


def test_the_mask_head() -> None:
    case = tensors("mask_head")
    convs = len([name for name in named(case, "conv") if name.endswith("_w")])
    width, channels = case["conv0_w"].shape[:2]
    head = DynamicMaskHead(channels, width, case["embedding"].shape[1], len(case["mlp1_w"]), convs)
    parts = {f"convs.{index}": f"conv{index}" for index in range(convs)} | {
        "upsample": "deconv",
        "per_pixel": "post",
        "generator.0": "mlp0",
        "generator.2": "mlp1",
    }
    head.load_state_dict(
        {
            f"{ours}.{long}": case[f"{theirs}_{short}"]
            for ours, theirs in parts.items()
            for long, short in (("weight", "w"), ("bias", "b"))
        }
    )
    unit = case["embedding"].requires_grad_()

    logits = head(case["roi_features"], unit)
    loss = mask_loss(logits, case["targets"])
    loss.backward()

    assert_close(head.generator(unit).detach(), case["mask_embedding"], 1e-4)
    first = head.pixel_embeddings(case["roi_features"][: len(case["per_pixel"])])
    assert_close(first.detach(), case["per_pixel"], 1e-4)
    assert_close(logits.detach().sigmoid()[:, None], case["probs"], 1e-4)
    assert_close(loss.detach(), case["loss"], 1e-4)
    assert_close(unit.grad, case["grad_embedding"], 1e-3)


def test_pasted_masks() -> None:
    case = tensors("mask_paste")
    (height, width), (rows, columns) = case["input_size"].tolist(), case["output_size"].tolist()

    boxes, is_kept = scale_boxes(case["boxes"], (height, width), (rows, columns))

    assert_close(boxes[is_kept], case["out_boxes"], 1e-5)
    masks = [
        paste_mask(probs[0], box.tolist(), (rows, columns))
        for probs, box in zip(case["probs"][is_kept], boxes[is_kept], strict=True)
    ]
    np.testing.assert_array_equal(masks, case["out_masks"])
