"""Mask R-CNN from torchvision's parts and defaults, on one of our trunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import MultiScaleRoIAlign

from core.methods.semseg.baseline_config import BaselineHeadOptions, BaselineModelOptions
from core.methods.semseg.networks import load_trunk_weights
from core.methods.semseg.options import TestOptions
from core.models.openset.backbones import Pyramid, build_pyramid

_POOLED = ["0", "1", "2", "3"]
_RATIOS = (0.5, 1.0, 2.0)


class MaskRcnn(nn.Module):
    """Proposals, boxes with classes, and a mask for each class."""

    def __init__(
        self, trunk: Pyramid, options: BaselineModelOptions, heads: BaselineHeadOptions, test: TestOptions, known: int
    ) -> None:
        super().__init__()
        width, is_small = trunk.channels, options.name == "tiny"
        features = 128 if is_small else 1024
        classes = 2 if options.class_agnostic else known + 1
        convs = (width,) * (2 if is_small else 4)
        self.trunk = trunk
        anchors = AnchorGenerator(tuple((side,) for side in options.anchor_px), (_RATIOS,) * len(options.anchor_px))
        topk = {"training": heads.pre_topk, "testing": heads.pre_topk}
        kept = {"training": heads.post_topk, "testing": heads.post_topk}
        self.rpn = RegionProposalNetwork(
            anchors, RPNHead(width, len(_RATIOS)), 0.7, 0.3, heads.anchors, 0.5, topk, kept, 0.7
        )
        self.heads = RoIHeads(
            MultiScaleRoIAlign(_POOLED, 7, 2),
            TwoMLPHead(width * 49, features),
            FastRCNNPredictor(features, classes),
            0.5,
            0.5,
            heads.regions,
            0.25,
            None,
            test.known.score,
            test.known.nms,
            test.known.topk + test.unknown.topk,
            MultiScaleRoIAlign(_POOLED, 14, 2),
            MaskRCNNHeads(width, convs, 1),
            MaskRCNNPredictor(width, width, classes),
        )

    def forward(
        self, images: Tensor, sizes: Sequence[tuple[int, int]], targets: list[dict[str, Tensor]] | None = None
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor], list[Tensor]]:
        """Return detections in tests, losses in training, and the proposals of each image.

        Args:
            images: (B, 3, H, W) padded.
            sizes: (height, width) of each image.
            targets: boxes, labels from 1 on and masks of each image, in training.
        """
        levels = {str(index): level for index, level in enumerate(self.trunk.levels(images))}
        proposals, of_proposals = self.rpn(ImageList(images, list(sizes)), levels, targets)
        found, of_heads = self.heads(levels, proposals, list(sizes), targets)
        return found, {**of_proposals, **of_heads}, proposals


def assemble_baseline(
    options: BaselineModelOptions, heads: BaselineHeadOptions, test: TestOptions, known: int
) -> MaskRcnn:
    """Return a network with PyTorch's own initial weights."""
    return MaskRcnn(build_pyramid(options.name, options.weights_style), options, heads, test, known)


def build_baseline(seed: int, *parts: Any) -> MaskRcnn:
    """Return a network with its initial weights, a function of the seed; see `assemble_baseline` for the parts."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = assemble_baseline(*parts)
    load_trunk_weights(model.trunk, parts[0])
    return model
