"""A detector's heads on regions: box, localisation quality, embedding, class, mask (SemSeg 3.4 to 3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor, nn

from core.models.openset.dynamic_mask_head import POOLED, DynamicMaskHead
from core.models.openset.metric_learning import DistanceName, MetricSpace
from core.models.openset.region_pool import pool_regions


@dataclass(frozen=True)
class HeadSizes:
    """Widths of the heads; the defaults are the published ones.

    Attributes:
        channels: width of the pyramid.
        pooled: side of the region features of the box head.
        canonical_px: side of a region that is pooled from the third level.
        box_features: width of both layers of the box head.
        embedding: width of the metric space.
        per_class, distance: prototypes per class, and the distance to them.
        mask_convs, mask_width, mask_weights: convolutions, width and generated weights of the mask head.
    """

    channels: int = 256
    pooled: int = 7
    canonical_px: float = 224.0
    box_features: int = 1024
    embedding: int = 256
    per_class: int = 1
    distance: DistanceName = "COS"
    mask_convs: int = 4
    mask_width: int = 256
    mask_weights: int = 128


class BoxOutput(NamedTuple):
    """The predictions for N regions: (N, D) features, (N, 4) deltas and the (N,) IoU in (0, 1) with the object."""

    features: Tensor
    deltas: Tensor
    iou: Tensor


class ClassOutput(NamedTuple):
    """(N, d) unit embeddings and (N, K + 1) logits of N regions; the background is last."""

    unit: Tensor
    logits: Tensor


class BoxHead(nn.Module):
    """Two layers on the features of a region, and the predictions of its box."""

    def __init__(self, sizes: HeadSizes) -> None:
        super().__init__()
        self.fc1 = nn.Linear(sizes.channels * sizes.pooled**2, sizes.box_features)
        self.fc2 = nn.Linear(sizes.box_features, sizes.box_features)
        self.deltas = nn.Linear(sizes.box_features, 4)
        self.iou = nn.Linear(sizes.box_features, 1)

    def forward(self, pooled: Tensor) -> BoxOutput:
        """Return the predictions for (N, C, s, s) features of regions."""
        features = self.fc2(self.fc1(pooled.flatten(1)).relu()).relu()
        return BoxOutput(features, self.deltas(features), self.iou(features).flatten().sigmoid())


class OpenSetHeads(nn.Module):
    """All heads on regions."""

    def __init__(self, sizes: HeadSizes, num_known: int) -> None:
        super().__init__()
        self.pooled, self.canonical_px = sizes.pooled, sizes.canonical_px
        self.box = BoxHead(sizes)
        self.space = MetricSpace(sizes.box_features, sizes.embedding, num_known, sizes.per_class, sizes.distance)
        self.classifier = nn.Linear(sizes.box_features, num_known + 1)
        self.mask = DynamicMaskHead(
            sizes.channels, sizes.mask_width, sizes.embedding, sizes.mask_weights, sizes.mask_convs
        )

    def look_at(self, pyramid: Sequence[Tensor], boxes: Sequence[Tensor]) -> BoxOutput:
        """Return the predictions for the boxes of all images, image by image; `pyramid` has strides 4, 8, 16, 32."""
        output: BoxOutput = self.box(pool_regions(pyramid, boxes, self.pooled, self.canonical_px))
        return output

    def classify(self, features: Tensor) -> ClassOutput:
        """Embed the features of regions, and classify the features that the decoder reconstructs."""
        unit, reconstructed = self.space(features)
        return ClassOutput(unit, self.classifier(reconstructed))

    def mask_logits(self, pyramid: Sequence[Tensor], boxes: Sequence[Tensor], unit: Tensor) -> Tensor:
        """Return (N, 28, 28) mask logits for the boxes of all images; `unit` has the embeddings of their objects."""
        logits: Tensor = self.mask(pool_regions(pyramid, boxes, POOLED, self.canonical_px), unit)
        return logits
