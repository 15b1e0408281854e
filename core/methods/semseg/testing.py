"""A detector on the images of a test set (SemSeg 4.7, 4.8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import box_iou

from core.data.exchange.masks import area_and_box, encode_rle
from core.data.samples import Image, Instances
from core.methods.semseg import rules
from core.methods.semseg.config import DetectorConfig, SemsegConfig
from core.methods.semseg.data import View, resized, shown_image, stacked
from core.methods.semseg.predictions import UNKNOWN_HEAD, StoredPredictions
from core.metrics.instances import Found, Truths
from core.metrics.overlaps import box_overlaps, mask_overlaps
from core.models.openset.decisions import DecisionRule, decide
from core.models.openset.detection import Candidates, DetectionRule, find_candidates
from core.models.openset.detector import OpenSetDetector
from core.models.openset.masks import paste_mask, scale_boxes
from core.models.openset.metric_learning import is_unknown

Mask = dict[str, Any]
"""A mask in COCO's compressed run lengths."""


@dataclass(frozen=True)
class TestedImage:
    """A tested image: its candidates with their masks."""

    __test__ = False
    stored: StoredPredictions
    masks: list[Mask]
    proposals: int
    """How many regions the heads looked at."""


@dataclass(frozen=True)
class FoundRegions:
    """The candidates of one image, at the size of the model's input.

    Attributes:
        heads: (N,) head index; -1 is the unknown branch.
        scores, distance, nearest: (N,) see `StoredPredictions`.
        boxes: (N, 4).
        masks: (N, 28, 28) probabilities.
        proposals: number of regions that the heads classified.
    """

    heads: Tensor
    scores: Tensor
    distance: Tensor
    nearest: Tensor
    boxes: Tensor
    masks: Tensor
    proposals: int


Finder = Callable[[Tensor, tuple[int, int]], FoundRegions]
"""(1, 3, H, W) padded image, its (height, width) -> candidates."""


class SemsegFinder:
    """Finds the candidates of both branches by SemSeg."""

    def __init__(self, model: OpenSetDetector, config: SemsegConfig) -> None:
        self._model = model
        self._proposal_rule, self._rule = rules.tested_proposals(config), rules.detection_rule(config)

    def __call__(self, images: Tensor, size: tuple[int, int]) -> FoundRegions:
        """Find the candidates of one image."""
        self._model.eval()
        levels = self._model.trunk.levels(images)
        proposals = self._model.select(self._model.propose(levels), [size], self._proposal_rule)
        (candidates,) = find_candidates(self._model.heads, levels[:4], proposals, [size], self._rule)
        rows, heads, scores = _entries(candidates, self._rule)
        boxes = candidates.boxes[rows]
        logits = self._model.heads.mask_logits(levels[:4], [boxes], candidates.unit[rows])
        distance, nearest = candidates.distance[rows], candidates.nearest[rows]
        return FoundRegions(heads, scores, distance, nearest, boxes, logits.sigmoid(), len(proposals[0].boxes))


class Tester:
    """Finds the objects of images, one image at a time."""

    def __init__(self, find: Finder, config: DetectorConfig, known: Sequence[int], device: torch.device) -> None:
        """Take the finder of candidates, and the raw ids of the known classes in ascending order."""
        self._find, self._config, self._device = find, config, device
        self._known = np.asarray(known, np.int64)
        self._rule = rules.detection_rule(config)

    @torch.no_grad()
    def test(self, number: int, image: Image, truth: Instances, left_out: Sequence[int] = ()) -> TestedImage:
        """Find the objects of one image, and compare them with the true objects.

        Args:
            number: position of the image in its test set.
            image: image at its own size.
            truth: true objects of the image.
            left_out: raw ids whose objects are ignored.
        """
        original = (image.shape[0], image.shape[1])
        view = View(resized(original, self._config.data.test_size, self._config.data.longest_px))
        shown = stacked([shown_image(image, view, self._config.model.weights_style)]).to(self._device)
        here = self._find(shown, view.size)
        boxes, kept = scale_boxes(here.boxes, view.size, original)
        boxes, probs = boxes[kept], here.masks[kept].cpu()
        masks = [encode_rle(paste_mask(one, box, original)) for one, box in zip(probs, boxes.tolist(), strict=True)]
        found = _FoundHere(number, here.heads[kept], here.scores[kept], here.distance[kept], here.nearest[kept], boxes)
        return TestedImage(self._stored(found, masks, truth, left_out), masks, here.proposals)

    def _stored(
        self, here: _FoundHere, masks: list[Mask], truth: Instances, left_out: Sequence[int]
    ) -> StoredPredictions:
        count, objects = len(masks), len(truth)
        boxes = here.boxes.double().cpu().numpy()
        areas = np.array([area_and_box(mask)[0] for mask in masks], np.float64)
        is_void = truth.is_crowd | np.isin(truth.classes, list(left_out))
        stated = truth.areas.astype(np.float64) if truth.stated_areas is None else truth.stated_areas
        truths = Truths(np.full(objects, here.number), truth.classes, stated, is_void)
        heads, scores = here.heads.cpu().numpy(), here.scores.double().cpu().numpy()
        found = Found(np.full(count, here.number), heads, scores, areas)
        of_masks = mask_overlaps(truths, found, [encode_rle(mask) for mask in truth.masks], masks)
        of_boxes = box_overlaps(truths, found, _as_xywh(truth.boxes), _as_xywh(boxes))
        suppressor, suppressed = _suppressions(here, self._rule.decision)
        limits = [self._rule.decision.known.topk, self._rule.decision.unknown.topk]
        return StoredPredictions(
            image=found.image,
            head=heads,
            score=scores,
            distance=here.distance.double().cpu().numpy(),
            nearest=here.nearest.cpu().numpy(),
            box=boxes,
            mask_area=areas,
            suppressor=suppressor,
            suppressed=suppressed,
            true_image=truths.image,
            true_class=truths.category,
            true_area=truths.area,
            true_crowd=truths.is_crowd,
            mask_found=of_masks.found,
            mask_truth=of_masks.truth,
            mask_iou=of_masks.iou,
            box_found=of_boxes.found,
            box_truth=of_boxes.truth,
            box_iou=of_boxes.iou,
            known=self._known,
            limits=np.array(limits),
            num_images=np.ones(1, np.int64),
        )


@dataclass(frozen=True)
class _FoundHere:
    number: int
    heads: Tensor
    scores: Tensor
    distance: Tensor
    nearest: Tensor
    boxes: Tensor


def _entries(candidates: Candidates, rule: DetectionRule) -> tuple[Tensor, Tensor, Tensor]:
    """Return row, head and score of both branches' candidates, and of those found with the rule's threshold."""
    here = is_unknown(candidates.distance, rule.unknown_threshold)
    found = [
        decide(candidates.boxes, candidates.scores, told, candidates.probs, rule.decision)
        for told in (here, torch.zeros_like(here), torch.ones_like(here))
    ]
    rows, heads, scores = (torch.cat([getattr(one, name) for one in found]) for name in ("rows", "heads", "scores"))
    keys = rows * (candidates.probs.shape[1] + 1) + heads + 1
    _, first = np.unique(keys.cpu().numpy(), return_index=True)
    chosen = torch.from_numpy(np.sort(first)).to(rows.device)
    return rows[chosen], heads[chosen], scores[chosen]


def _suppressions(here: _FoundHere, rule: DecisionRule) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of candidates in which the first suppresses the second."""
    heads, scores = here.heads, here.scores
    same = heads[:, None] == heads[None]
    # On equal scores the first candidate is the better one.
    order = torch.arange(len(heads), device=heads.device)
    better = (scores[:, None] > scores[None]) | ((scores[:, None] == scores[None]) & (order[:, None] < order[None]))
    bound = torch.where(heads == UNKNOWN_HEAD, rule.unknown.nms_iou, rule.known.nms_iou)
    pairs = same & better
    if rule.cross_suppress:
        pairs |= (heads[:, None] != UNKNOWN_HEAD) & (heads[None] == UNKNOWN_HEAD)
    meets = box_iou(here.boxes, here.boxes) > bound[:, None]
    first, second = (pairs & meets).nonzero(as_tuple=True)
    return first.cpu().numpy(), second.cpu().numpy()


def _as_xywh(boxes: np.ndarray) -> np.ndarray:
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)
