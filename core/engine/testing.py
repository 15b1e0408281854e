"""One forward pass of a network over all test images, with any metric."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from core.data.label_ids import IdTable
from core.data.loaders import Batch, Item, evaluation_batches
from core.data.samples import DenseDataset
from core.data.transforms.presets import to_normalised
from core.engine.inference import LogitsOf
from core.engine.precision import autocast
from core.stage.interrupt import StageInterrupted, StopFlag

Seen = Callable[[Batch, Tensor], None]
"""Receives a batch of test images on the CPU, and their logits (B, C, H, W)."""


@torch.no_grad()
def pass_through(
    network: nn.Module,
    batches: Iterable[Batch],
    logits_of: LogitsOf,
    seen: Seen,
    *,
    device: torch.device,
    dtype: torch.dtype,
) -> None:
    """Pass test images through a network in evaluation mode.

    Args:
        network: its mode is restored afterwards.
        batches: images, and labels as channels or 255.
        logits_of: images on the device -> the network's logits.
        seen: receives each batch and its logits.
        device: device of the network.
        dtype: precision of the forward passes.
    """
    was_training = network.training
    network.eval()
    try:
        for batch in batches:
            with autocast(device, dtype):
                logits = logits_of(batch.images.to(device, non_blocking=True))
            seen(batch, logits)
    finally:
        network.train(was_training)


def unless_stopped(batches: Iterable[Batch], stop: StopFlag, done: int) -> Iterator[Batch]:
    """Yield batches until the stage is asked to stop.

    Args:
        batches: batches of a test.
        stop: checked before each batch.
        done: iterations in the last checkpoint.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    for batch in batches:
        if stop.requested:
            raise StageInterrupted(done)
        yield batch


def batches_of_split(
    dataset: DenseDataset, channel_of: IdTable, batch_size: int, centre_px: int | None = None
) -> Iterator[Batch]:
    """Yield all images of a split in order, normalised, at their own size.

    Args:
        dataset: the split.
        channel_of: (256,) raw id -> channel; 255 = not counted.
        batch_size: most images per batch. Consecutive images of equal size share a batch.
        centre_px: side of the central square to test; None = the whole image.
    """

    def item(index: int) -> Item:
        image, channels = dataset.image(index), channel_of[dataset.label(index)]
        if centre_px is not None:
            rows, columns = (_middle(extent, centre_px) for extent in channels.shape)
            image, channels = image[rows, columns], channels[rows, columns]
        return to_normalised(image), torch.from_numpy(channels)

    return evaluation_batches(item, range(len(dataset)), batch_size)


def _middle(extent: int, side: int) -> slice:
    start = max(extent - side, 0) // 2
    return slice(start, start + side)
