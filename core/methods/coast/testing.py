"""Networks on the test images of every domain (CoaST 6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.label_ids import IdTable, remap
from core.data.loaders import Batch, Item, evaluation_batches
from core.data.resized import ResizedDataset
from core.data.samples import DenseDataset
from core.data.transforms.presets import to_tensor
from core.data.transforms.weak_view import to_unit
from core.engine.inference import resize_logits
from core.engine.testing import pass_through, unless_stopped
from core.methods.coast.domains import Domains
from core.methods.coast.options import Head, TestOptions, ViewOptions
from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import group_scores
from core.models.deeplabv2 import DeepLabV2, Through
from core.stage.context import StageContext
from core.streams.multi_target import SOURCE

Matrix = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Protocol:
    """How a network is tested.

    Attributes:
        head: who answers; `agnostic` and `specific` need a classifier for all and one for each target.
        data: the size at which images are seen.
        options: the size at which is scored, and images at a time.
        dtype: arithmetic of the passes.
        through: looks at styles on the way, as one of the published slips does; None = nobody.
    """

    head: Head
    data: ViewOptions
    options: TestOptions
    dtype: torch.dtype = torch.float32
    through: Callable[[], Through | None] = lambda: None

    def answers(self, network: DeepLabV2, images: Tensor, target: int | None) -> Tensor:
        """Return the logits (n, B, C, h, w) of the n classifiers that answer, at the network's own size.

        Args:
            network: in evaluation mode.
            images: (B, 3, H, W) in [0, 1].
            target: number of the target that the images are of; None for the source, which all classifiers answer for.
        """
        features, heads = network.features(images, self.through()), list(network.heads)
        chosen = heads[-1:] if self.head == "agnostic" else heads
        if self.head == "specific" and target is not None:
            chosen = heads[target : target + 1]
        return torch.stack([head(features) for head in chosen]).float()


def decided(answers: Tensor, size: Sequence[int]) -> Tensor:
    """Return the channel of each pixel, (B, H, W): the best of one classifier, or of the mean probability of several.

    Args:
        answers: (n, B, C, h, w) of `Protocol.answers`.
        size: (H, W).
    """
    logits = [resize_logits(one, size) for one in answers]
    if len(logits) == 1:
        return logits[0].argmax(dim=1)
    return torch.stack([one.softmax(dim=1) for one in logits]).mean(dim=0).argmax(dim=1)


def split_batches(
    dataset: DenseDataset, channel_of: IdTable, data: ViewOptions, options: TestOptions
) -> Iterator[Batch]:
    """Yield a split in order: images at `image_size`, and channels at that size or at the labels' own."""
    seen = ResizedDataset(dataset, data.image_size)
    labelled: DenseDataset = seen if options.resolution == "resized" else dataset

    def item(index: int) -> Item:
        return to_unit(seen.image(index)), to_tensor(remap(labelled.label(index), channel_of))

    return evaluation_batches(item, range(len(dataset)), options.batch_size)


@dataclass(frozen=True)
class Tester:
    """Tests networks on the domains of a stage.

    Attributes:
        context: of the stage.
        domains: of the stage.
        protocol: how networks are tested.
        targets: names of the targets that count.
    """

    context: StageContext[Any]
    domains: Domains
    protocol: Protocol
    targets: Sequence[str]

    def confusion(self, network: DeepLabV2, domain: str, done: int) -> Matrix:
        """Return the confusion matrix (C, C) over the test images of a domain, a target or the source.

        Args:
            network: on its device; its mode is restored.
            domain: its name.
            done: iterations so far, for an interruption.

        Raises:
            StageInterrupted: when the stage was asked to stop.
        """
        device, protocol = self.context.device, self.protocol
        confusion = ConfusionMatrix(self.domains.num_classes, device)
        target = None if domain == SOURCE else self.domains.targets.index(domain)
        dataset, channel_of = self.context.datasets[domain].eval, self.domains.channel_of[domain]
        batches = split_batches(dataset, channel_of, protocol.data, protocol.options)

        def count(batch: Batch, answers: Tensor) -> None:
            labels = batch.labels.to(device, non_blocking=True)
            confusion.update(labels, decided(answers, labels.shape[-2:]))

        pass_through(
            network,
            unless_stopped(batches, self.context.stop, done),
            lambda images: protocol.answers(network, images, target),
            count,
            device=device,
            dtype=protocol.dtype,
        )
        return confusion.matrix()

    def mious(self, network: DeepLabV2, done: int) -> dict[str, float]:
        """Return the mIoU of every target that counts; raises as `confusion`."""
        return {target: mean_iou(self.confusion(network, target, done)) for target in self.targets}


def mean_iou(matrix: Matrix) -> float:
    """Return the published mean: over the classes with a non-empty union; NaN where there is none."""
    return group_scores(matrix, range(len(matrix))).miou_nonempty


def mean_over(mious: Sequence[float]) -> float:
    """Return the mean of what is defined; NaN where nothing is."""
    defined = [miou for miou in mious if not math.isnan(miou)]
    return fmean(defined) if defined else math.nan
