"""Batches of the warm-up: weak views of the labelled source and of every target (CoaST 2.4)."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor

from core.data.prefetch import prefetched
from core.methods.coast.views import DomainOrder, DomainViews, LabelledViews, stacked


class DomainBatch(NamedTuple):
    """Weak views of one iteration.

    Attributes:
        images: (B, 3, h, w) images of the source.
        labels: (B, h, w) int64 channels; 255 = ignored.
        targets: images of every target, of the same shape.
        items: (B,) numbers of the source's images, for messages.
    """

    images: Tensor
    labels: Tensor
    targets: list[Tensor]
    items: npt.NDArray[np.int64]


@dataclass(frozen=True)
class DomainBatches:
    """Batches as pure functions of the iteration.

    Attributes:
        source, source_order: labelled images.
        targets, target_orders: images of each target.
    """

    source: DomainViews
    source_order: DomainOrder
    targets: Sequence[DomainViews]
    target_orders: Sequence[DomainOrder]

    def batches(self, done: int, total: int, workers: int = 1) -> Generator[DomainBatch, None, None]:
        """Yield the batches of iterations `done` … `total` − 1; threads prepare them ahead."""
        return prefetched((partial(self.batch, i) for i in range(done, total)), workers, ahead=workers + 1)

    def batch(self, iteration: int) -> DomainBatch:
        """Return the batch of an iteration."""
        images, labels, items = labelled_views(self.source, self.source_order, iteration)
        targets = [
            unlabelled_views(views, order, iteration)
            for views, order in zip(self.targets, self.target_orders, strict=True)
        ]
        return DomainBatch(images, labels, targets, items)


def labelled_views(
    views: LabelledViews, order: DomainOrder, iteration: int
) -> tuple[Tensor, Tensor, npt.NDArray[np.int64]]:
    """Return the labelled images of an iteration: (B, 3, h, w), (B, h, w) int64, and their numbers."""
    items = order.items(iteration)
    pairs = [views.labelled(item, order.augmentation(iteration, place)) for place, item in enumerate(items.tolist())]
    images, labels = zip(*pairs, strict=True)
    return stacked(list(images)), stacked([one.long() for one in labels]), items


def unlabelled_views(views: DomainViews, order: DomainOrder, iteration: int) -> Tensor:
    """Return the images of an iteration, (B, 3, h, w)."""
    items = order.items(iteration).tolist()
    return stacked([views.unlabelled(item, order.augmentation(iteration, place)) for place, item in enumerate(items)])
