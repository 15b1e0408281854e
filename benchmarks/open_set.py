"""How fast SemSeg's parts are: `python -m benchmarks.open_set [OUT.json]`.

The paired IoU loss against the diagonal of the full matrix, the open-set evaluation against a literal loop, a test set
of COCO's size scored again by another threshold, and the regions an image that the heads look at.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torchvision.ops import box_iou

from benchmarks.open_set_literal import LiteralEvaluation
from core.losses.box_regression import LEAST_IOU, iou_loss
from core.methods.semseg.predictions import StoredPredictions
from core.metrics.instances import Found, Truths
from core.metrics.open_set import UNKNOWN, evaluate_open_set
from core.metrics.overlaps import box_overlaps
from core.models.openset.boxes import grid_anchors
from core.models.openset.localisation_rpn import ProposalRule, select_proposals

KNOWN = tuple(range(1, 21))


def seconds_of(work: Callable[[], Any], repeats: int) -> float:
    """Return the least CPU time of some repeats: other processes of the machine do not count."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def iou_losses(count: int = 2048) -> dict[str, float]:
    """Time both losses forward and backward."""
    corners = torch.rand(2, count, 2, 2, generator=torch.Generator().manual_seed(0)) * 800
    ours, theirs = torch.cat([corners.amin(dim=2), corners.amax(dim=2)], dim=-1)

    def paired() -> None:
        iou_loss(ours.clone().requires_grad_(), theirs).backward()  # type: ignore[no-untyped-call]

    def by_matrix() -> None:
        moving = ours.clone().requires_grad_()
        (1 - box_iou(moving, theirs).diagonal().clamp(min=LEAST_IOU)).sum().backward()

    paired()
    by_matrix()
    fast, slow = seconds_of(paired, 20), seconds_of(by_matrix, 5)
    return {"boxes": count, "paired_ms": fast * 1000, "matrix_ms": slow * 1000, "ratio": slow / fast}


def random_set(images: int, per_image: int, seed: int = 0) -> tuple[Truths, Found, tuple[Any, Any]]:
    """Return true objects, about seven an image, and found ones near them, with boxes x, y, width, height."""
    generator = np.random.default_rng(seed)
    objects = generator.integers(3, 12, images)
    image = np.repeat(np.arange(images), objects)
    size = generator.choice([24, 60, 150], len(image)) * generator.uniform(0.8, 1.2, len(image))
    boxes = np.stack(
        [*generator.uniform(0, 400, (2, len(image))), size, size * generator.uniform(0.7, 1.4, len(image))], 1
    )
    category = generator.choice([*KNOWN, UNKNOWN, UNKNOWN, UNKNOWN], len(image))
    truths = Truths(image, category, boxes[:, 2] * boxes[:, 3], generator.random(len(image)) < 0.02)
    rows = np.repeat(np.arange(images), per_image)
    starts = np.r_[0, np.cumsum(objects)][:-1]
    near = starts[rows] + (generator.random(len(rows)) * objects[rows]).astype(int)
    moved = boxes[near] + generator.normal(0, 0.12, (len(rows), 4)) * boxes[near][:, [2, 3, 2, 3]]
    moved[:, 2:] = moved[:, 2:].clip(4)
    told = np.where(generator.random(len(rows)) < 0.6, category[near], generator.choice([*KNOWN, UNKNOWN], len(rows)))
    found = Found(rows, told, generator.random(len(rows)), moved[:, 2] * moved[:, 3])
    return truths, found, (boxes, moved)


def evaluations(images: int = 60, per_image: int = 100) -> dict[str, Any]:
    """Time both evaluations on boxes, and compare what they give."""
    truths, found, boxes = random_set(images, per_image)

    def fast() -> Any:
        return evaluate_open_set(truths, found, box_overlaps(truths, found, *boxes), KNOWN)

    start = time.process_time()
    literal = LiteralEvaluation(truths, found, boxes, KNOWN).everything()
    slow = time.process_time() - start
    result = fast()
    ours = {
        "known_precision": np.stack([curve.precision for curve in result.known]),
        "known_recall": np.stack([curve.recall for curve in result.known]),
        "unknown_precision": result.unknown.precision,
        "unknown_recall": result.unknown.recall,
        "open_set_errors": result.open_set_errors,
        "misclassified": result.misclassified,
        "known_as_unknown": result.known_as_unknown,
    }
    differs = max(float(np.nanmax(abs(ours[name] - literal[name]))) for name in ours)
    took = seconds_of(fast, 3)
    return {
        "images": images, "per_image": per_image, "seconds": took, "literal_seconds": slow, "ratio": slow / took,
        "largest_difference": differs,
    }  # fmt: skip


def rescored(images: int = 5000, per_image: int = 100) -> dict[str, Any]:
    """Time one more threshold on a test set of COCO's size."""
    truths, found, boxes = random_set(images, per_image)
    overlaps = box_overlaps(truths, found, *boxes)
    generator = np.random.default_rng(1)
    heads = np.where(found.category == UNKNOWN, -1, found.category - 1)
    none = np.zeros(0, np.int64)
    stored = StoredPredictions(
        image=found.image, head=heads, score=found.score, distance=generator.random(len(heads)), nearest=heads.clip(0),
        box=np.concatenate([boxes[1][:, :2], boxes[1][:, :2] + boxes[1][:, 2:]], 1), mask_area=found.area,
        suppressor=none, suppressed=none, true_image=truths.image, true_class=truths.category, true_area=truths.area,
        true_crowd=truths.is_crowd, mask_found=overlaps.found, mask_truth=overlaps.truth, mask_iou=overlaps.iou,
        box_found=overlaps.found, box_truth=overlaps.truth, box_iou=overlaps.iou, known=np.array(KNOWN),
        limits=np.array([50, 50]), num_images=np.array([images]),
    )  # fmt: skip
    chosen = len(stored.chosen(0.5))
    return {
        "images": images, "per_image": per_image, "chosen": chosen, "pairs": len(overlaps.iou),
        "seconds": seconds_of(lambda: stored.evaluate(0.5), 2),
    }  # fmt: skip


def regions_per_image(height: int = 800, width: int = 1216) -> dict[str, int]:
    """Count the regions of a random test image with and without suppression."""
    grids = [(-(-height // stride), -(-width // stride)) for stride in (4, 8, 16, 32, 64)]
    generator = torch.Generator().manual_seed(0)
    boxes, scores = [], []
    for anchors in grid_anchors(grids):
        moved = anchors + torch.randn(anchors.shape, generator=generator) * 0.1 * (
            anchors[:, 2:] - anchors[:, :2]
        ).repeat(1, 2)
        boxes.append(moved[None])
        scores.append(torch.rand(1, len(anchors), generator=generator))
    counts = {}
    for name, rule in (("none", ProposalRule(1000)), ("nms", ProposalRule(1000, "nms", 0.7, 1000))):
        (found,) = select_proposals(boxes, scores, [(height, width)], rule)
        counts[name] = len(found.boxes)
    return counts


def main() -> None:
    """Measure, print and, where a file is named, write."""
    torch.set_num_threads(1)
    found = {
        "iou_loss": iou_losses(),
        "evaluation": evaluations(),
        "rescore": rescored(),
        "regions_at_800x1216": regions_per_image(),
    }
    text = json.dumps(found, indent=1) + "\n"
    print(text, end="")
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
