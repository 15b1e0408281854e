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
        head: the tested classifier. `agnostic` needs a domain-agnostic classifier, `specific` one per target.
        data: gives the size of the network's input.
        options: give the size at which is scored, and the batch size.
        dtype: precision of the passes.
        through: records styles during tests, as a bug of the published code does; None = does not.
    """

    head: Head
    data: ViewOptions
    options: TestOptions
    dtype: torch.dtype = torch.float32
    through: Callable[[], Through | None] = lambda: None

    def answers(self, network: DeepLabV2, images: Tensor, target: int | None) -> Tensor:
        """Return the logits (n, B, C, h, w) of the n tested classifiers, at the network's own size.

        Args:
            network: in evaluation mode.
            images: (B, 3, H, W) in [0, 1].
            target: number of the images' target. None = the source, for which all classifiers are tested.
        """
        features, heads = network.features(images, self.through()), list(network.heads)
        chosen = heads[-1:] if self.head == "agnostic" else heads
        if self.head == "specific" and target is not None:
            chosen = heads[target : target + 1]
        return torch.stack([head(features) for head in chosen]).float()


def decided(answers: Tensor, size: Sequence[int]) -> Tensor:
    """Return the channel of each pixel, (B, H, W): the argmax of one classifier, or of several ones' mean probability.

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
        context: context of the stage.
        domains: domains of the stage.
        protocol: how networks are tested.
        targets: names of the tested targets.
    """

    context: StageContext[Any]
    domains: Domains
    protocol: Protocol
    targets: Sequence[str]

    def confusion(self, network: DeepLabV2, domain: str, done: int) -> Matrix:
        """Return the confusion matrix (C, C) over the test images of a target or the source.

        Args:
            network: on its device; its mode is restored.
            domain: name of the domain.
            done: iterations so far; reported if the stage is asked to stop.

        Raises:
            StageInterrupted: if the stage was asked to stop.
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
        """Return the mIoU of every tested target; errors as in `confusion`."""
        return {target: mean_iou(self.confusion(network, target, done)) for target in self.targets}


def mean_iou(matrix: Matrix) -> float:
    """Return the published mean IoU: over the classes with a non-empty union; NaN if there is none."""
    return group_scores(matrix, range(len(matrix))).miou_nonempty


def mean_over(mious: Sequence[float]) -> float:
    """Return the mean of the values that are not NaN; NaN if there are none."""
    defined = [miou for miou in mious if not math.isnan(miou)]
    return fmean(defined) if defined else math.nan
