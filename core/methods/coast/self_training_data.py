"""Batches of self-training: weak views of the source, strong views of the targets with stored labels (CoaST 2)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.prefetch import prefetched
from core.data.transforms.label_warp import warp_labels, warp_steps
from core.data.transforms.randaugment import carry_out, draw_plan
from core.data.transforms.weak_view import soft_view, soft_weights, to_unit
from core.methods.coast.config import FlavourOptions
from core.methods.coast.pseudo_labels import GRID_SHARE, hard_labels
from core.methods.coast.rounds import RoundTimes, SoftLabels
from core.methods.coast.self_training import SourceViews, TargetViews
from core.methods.coast.views import DomainOrder, DomainViews, stacked
from core.methods.coast.warm_up_data import labelled_views

LabelsOf = Callable[[int], Sequence[SoftLabels]]
"""Finished iterations -> the labels of every target from that iteration on."""


class StoredViews(NamedTuple):
    """Strong views of a target, and the parts from which the device makes its pseudo-labels.

    Attributes:
        images: (B, 3, H, W).
        soft: (B, C, h0, w0) stored soft labels, integers.
        rows, columns: (B, h, h0) and (B, w, w0) resampling weights to the grid.
        steps: (B, S, 2, 3) geometry of the strong view.
        boxes: (B, 4) cut-out boxes.
    """

    images: Tensor
    soft: Tensor
    rows: Tensor
    columns: Tensor
    steps: Tensor
    boxes: Tensor

    def on(self, device: torch.device, threshold: float, flavour: FlavourOptions) -> TargetViews:
        """Return images and pseudo-labels on a device; `threshold` is the least probability of a label."""
        images, soft, rows, columns, steps, boxes = (part.to(device, non_blocking=True) for part in self)
        # A common factor of all probabilities does not change the labels, so integers need no scaling.
        labels = hard_labels(soft_view(soft.to(torch.float32), rows, columns), threshold)
        return TargetViews(images, warp_labels(labels, steps, boxes, GRID_SHARE, flavour.label_warp))


class SelfTrainingBatch(NamedTuple):
    """The batch of one iteration; `items` (B,) are the numbers of the source's images, for messages."""

    source: SourceViews
    targets: list[StoredViews]
    items: npt.NDArray[np.int64]


@dataclass(frozen=True)
class SelfTrainingBatches:
    """Batches as pure functions of the iteration and of the round's labels.

    Attributes:
        source, source_order: labelled images.
        targets, target_orders: images of each target.
        labels_of: makes a round if one is due; called between two batches, never ahead.
        times: times of the rounds.
        flavour: how soft labels are resampled and moved.
    """

    source: DomainViews
    source_order: DomainOrder
    targets: Sequence[DomainViews]
    target_orders: Sequence[DomainOrder]
    labels_of: LabelsOf
    times: RoundTimes
    flavour: FlavourOptions

    def batches(self, done: int, total: int, workers: int = 1) -> Generator[SelfTrainingBatch, None, None]:
        """Yield the batches of iterations `done` … `total` − 1. Threads prepare batches ahead, within one round."""
        while done < total:
            labels, end = self.labels_of(done), min(self.times.until(done), total)
            jobs = (partial(self.batch, iteration, labels) for iteration in range(done, end))
            yield from prefetched(jobs, workers, ahead=workers + 1)
            done = end

    def batch(self, iteration: int, labels: Sequence[SoftLabels]) -> SelfTrainingBatch:
        """Return the batch of an iteration; raise StorageError if a stored label is damaged."""
        images, channels, items = labelled_views(self.source, self.source_order, iteration)
        targets = [
            self._strong_views(views, order, iteration, of_target)
            for views, order, of_target in zip(self.targets, self.target_orders, labels, strict=True)
        ]
        return SelfTrainingBatch(SourceViews(images, channels), targets, items)

    def _strong_views(self, views: DomainViews, order: DomainOrder, iteration: int, labels: SoftLabels) -> StoredViews:
        found = [
            self._strong_view(views, item, order.augmentation(iteration, place), labels)
            for place, item in enumerate(order.items(iteration).tolist())
        ]
        return StoredViews(*(stacked(list(parts)) for parts in zip(*found, strict=True)))

    def _strong_view(
        self, views: DomainViews, item: int, generator: np.random.Generator, labels: SoftLabels
    ) -> StoredViews:
        """Return one view, without a batch axis."""
        view, (height, width) = views.draw(generator), views.crop
        plan, soft = draw_plan(width, height, generator), labels.of(views.ids[item])
        grid = (height // GRID_SHARE, width // GRID_SHARE)
        axes = soft_weights(
            (soft.shape[1], soft.shape[2]), views.size, view, views.crop, GRID_SHARE, self.flavour.psl_resample
        )
        rows, columns = (torch.from_numpy(axis.astype(np.float32)) for axis in axes)
        return StoredViews(
            to_unit(carry_out(views.weak(item, view), plan)),
            torch.from_numpy(soft.astype(np.uint8) if soft.dtype == np.uint8 else soft.astype(np.int32)),
            rows,
            columns,
            torch.from_numpy(warp_steps(plan, grid, GRID_SHARE, self.flavour.label_warp)),
            torch.tensor(plan.box),
        )
