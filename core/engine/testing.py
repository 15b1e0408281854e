"""Networks on test images: one pass through all of them, whatever is counted."""

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
"""Is told a batch of test images, on the CPU, and their logits (B, C, H, W)."""


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
    """Pass test images through a network, which is in evaluation mode meanwhile.

    Args:
        network: its mode is restored.
        batches: images, and labels as channels or 255.
        logits_of: images on the device -> logits by the network.
        seen: what is done with the logits.
        device: where the network is.
        dtype: arithmetic of the forward passes.
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
        batches: of a test.
        stop: read before each batch.
        done: iterations that a checkpoint holds.

    Raises:
        StageInterrupted: when the stage was asked to stop.
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
        channel_of: (256,) raw id -> channel, 255 where nothing is counted.
        batch_size: most images of a batch; neighbours of equal size share one.
        centre_px: side of the square in the middle that is tested instead of the whole image.
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
