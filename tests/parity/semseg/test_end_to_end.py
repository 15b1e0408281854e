"""The heads on regions as a whole: inference, and a training step with its gradients (SemSeg 4.4 to 4.7)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.methods.semseg.region_losses import RegionLossRule, region_losses
from core.models.openset.decisions import BranchRule, DecisionRule
from core.models.openset.detection import DetectionRule, decide_on, find_candidates
from core.models.openset.localisation_rpn import Proposals
from core.models.openset.matching import RegionRule
from core.models.openset.roi_heads import HeadSizes, OpenSetHeads
from core.models.openset.truth import TaughtObjects
from tests.parity.semseg.recorded import named, tensors
from tests.support.parity import assert_close

Case = dict[str, Tensor]
PARTS = {
    "box_head.fc1": "box.fc1",
    "box_head.fc2": "box.fc2",
    "box_predictor.bbox_pred": "box.deltas",
    "box_predictor.iou_pred": "box.iou",
    "mask_head.conv.deconv": "mask.upsample",
    "mask_head.conv.post_conv": "mask.per_pixel",
    "mask_head.mask_embed": "mask.generator",
    "dml.encoder": "space.encoder",
    "dml.decoder": "space.decoder",
    "softmaxcls.cls_score": "classifier",
}


@pytest.fixture
def case() -> Case:
    return tensors("roi_heads_end_to_end")


def renamed(name: str) -> str:
    if name == "dml.representatives":
        return "space.prototypes"
    conv = "mask_head.conv.mask_fcn"
    if name.startswith(conv):
        number, rest = name.removeprefix(conv).split(".")
        return f"mask.convs.{int(number) - 1}.{rest}"
    theirs = next(part for part in PARTS if name.startswith(f"{part}."))
    return name.replace(theirs, PARTS[theirs], 1)


def heads_of(case: Case) -> OpenSetHeads:
    weights = {renamed(name): value for name, value in named(case, "w.").items()}
    channels = case["p2"].shape[1]
    num_known = len(case["known_contiguous"])
    sizes = HeadSizes(
        channels=channels,
        pooled=round((weights["box.fc1.weight"].shape[1] / channels) ** 0.5),
        box_features=len(weights["box.fc2.bias"]),
        embedding=len(weights["space.encoder.bias"]),
        per_class=len(weights["space.prototypes"]) // num_known,
        mask_convs=len({name.split(".")[2] for name in weights if name.startswith("mask.convs.")}),
        mask_width=len(weights["mask.convs.0.bias"]),
        mask_weights=len(weights["mask.per_pixel.bias"]),
    )
    heads = OpenSetHeads(sizes, num_known)
    heads.load_state_dict(weights)
    return heads


def pyramid_of(case: Case) -> list[Tensor]:
    return [case[f"p{level}"] for level in range(2, 6)]


def test_inference(case: Case) -> None:
    heads, pyramid = heads_of(case), pyramid_of(case)
    height, width = case["image_size"].tolist()
    branches = [BranchRule(topk=int(case[f"{branch}_topk"])) for branch in ("known", "unknown")]
    rule = DetectionRule(
        float(case["unk_thr"]), region_topk=int(case["detections_per_image"]), decision=DecisionRule(*branches)
    )
    images = range(len(case["p2"]))
    proposals = [Proposals(case[f"props_{image}"], case[f"ctr_{image}"]) for image in images]

    with torch.no_grad():
        candidates = find_candidates(heads, pyramid, proposals, [(height, width)] * len(images), rule)
        found = decide_on(heads, pyramid, candidates, rule)

    for image, objects in enumerate(found):
        classes = torch.cat([case["known_contiguous"], torch.tensor([1000])])[objects.heads]
        np.testing.assert_array_equal(classes, case[f"out_classes_{image}"])
        assert_close(objects.boxes, case[f"out_boxes_{image}"], 1e-4)
        assert_close(objects.scores, case[f"out_scores_{image}"], 1e-4)
        assert_close(objects.masks[:, None], case[f"out_masks_{image}"], 1e-4)


def test_a_training_step(case: Case) -> None:
    heads, pyramid = heads_of(case), pyramid_of(case)
    pyramid[1].requires_grad_()
    known = case["known_contiguous"].tolist()
    images = range(len(case["p2"]))
    truths = [
        TaughtObjects(
            case[f"gt_boxes_{image}"],
            torch.tensor([known.index(contiguous) for contiguous in case[f"gt_classes_{image}"].tolist()]),
            outlines=[[outline] for outline in case[f"gt_polys_{image}"].numpy()],
        )
        for image in images
    ]
    rule = RegionLossRule(sampling=RegionRule(count=int(case["roi_batch"])))

    losses = region_losses(heads, pyramid, [case[f"props_{i}"] for i in images], truths, rule, torch.arange)
    torch.stack(list(losses.values())).sum().backward()

    theirs = {"box": "box_reg", "iou": "iou", "metric": "dml", "classes": "cls", "mask": "mask"}
    for ours, name in theirs.items():
        assert_close(losses[ours].detach(), case[f"loss_{name}"], 1e-4)
    assert_close(heads.space.prototypes.grad, case["grad_protos"], 1e-3)
    assert_close(heads.space.encoder.weight.grad, case["grad_enc"], 1e-3)
    assert_close(heads.box.iou.weight.grad, case["grad_iou_w"], 1e-3)
    assert_close(heads.mask.generator[2].weight.grad, case["grad_mlp1"], 1e-3)
    assert_close(pyramid[1].grad, case["grad_p3"], 1e-3)
