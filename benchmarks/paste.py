"""Pasting in the boxes only against pasting over whole canvases: `python -m benchmarks.paste`.

Both do the same pastes on the same batch, one after the other in each round of one run, so that the ratio stands
on a busy machine; the medians are printed. The whole-canvas way is that of the published code: it augments the whole
entry, moves it onto a canvas of the image's size, and blends the dense target of all channels.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.transforms.geometry import crop_and_resize
from core.data.transforms.presets import to_normalised
from core.losses.sparse_target import SparseTarget
from core.memory.entry import InstanceEntry, encode_png
from core.memory.store import InstanceMemory
from core.methods.class_incremental.config import DataConfig
from core.methods.eir.fitting import fit_instance
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.options import PasteOptions
from core.methods.eir.paste_plan import Paste
from core.methods.eir.pasting import MixedBatch, mix_instances

SIDE_PX = 512
BATCH = 8
NUM_CHANNELS = 21
NUM_OLD = 15
CANVAS = (500, 375)


def make_entry(channel: int, rng: np.random.Generator) -> InstanceEntry:
    """Return an elliptic instance that covers about a third of a VOC-size image in each direction."""
    width, height = rng.integers(100, 240, 2)
    left, top = int(rng.integers(0, CANVAS[0] - width)), int(rng.integers(0, CANVAS[1] - height))
    y, x = np.mgrid[:height, :width]
    is_inside = ((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2 <= 1
    return InstanceEntry(
        drawn_class=channel,
        classes=(channel,),
        source="drawn",
        box=(left, top, left + int(width), top + int(height)),
        canvas_size=CANVAS,
        area=int(is_inside.sum()),
        step_added=0,
        crop_png=encode_png(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)),
        label_png=encode_png(np.where(is_inside, channel, 255).astype(np.uint8)),
        source_jpeg=b"",
    )


def make_bank(rng: np.random.Generator) -> InstanceBank:
    """Return a bank of 60 entries of 15 classes."""
    entries = tuple(make_entry(1 + index % NUM_OLD, rng) for index in range(60))
    return InstanceBank(
        InstanceMemory(entries, len(entries)), {c: c for c in range(1, NUM_OLD + 1)}, DataConfig(crop_px=SIDE_PX)
    )


def paste_whole_canvases(
    images: Tensor, pseudo_labels: Tensor, bank: InstanceBank, pastes: tuple[Paste, ...], cell_px: int
) -> tuple[Tensor, Tensor]:
    """Do the pastes over whole canvases with a dense target.

    Returns:
        (B, 3, S, S) images and (B, C, S, S) target.
    """
    images = images.clone()
    target = SparseTarget.from_labels(pseudo_labels).to_dense(NUM_CHANNELS)
    for paste in pastes:
        canvas, strength = _on_canvas(bank, paste, cell_px)
        onehot = F.one_hot(torch.full((SIDE_PX, SIDE_PX), paste.channel), NUM_CHANNELS).permute(2, 0, 1)
        images[paste.image] = strength * canvas + (1 - strength) * images[paste.image]
        target[paste.image] = strength * onehot + (1 - strength) * target[paste.image]
    return images, target


def _on_canvas(bank: InstanceBank, paste: Paste, cell_px: int) -> tuple[Tensor, Tensor]:
    entry = bank.entries[paste.entry]
    image, labels = crop_and_resize(entry.canvas_image(), entry.canvas_label(), paste.view, SIDE_PX)
    fit = fit_instance(labels == paste.channel, cell_px)
    assert fit is not None, "the plan holds only pastes that fit"
    x0, y0, x1, y1 = fit.box
    size = fit.mask.shape
    pixels = F.interpolate(to_normalised(image)[None, :, y0:y1, x0:x1], size, mode="nearest")[0]
    row, column = (
        SIDE_PX - 1 - extent if start + extent > SIDE_PX else start
        for start, extent in zip(paste.corner, size, strict=True)
    )
    canvas, strength = torch.zeros(3, SIDE_PX, SIDE_PX), torch.zeros(SIDE_PX, SIDE_PX)
    canvas[:, row : row + size[0], column : column + size[1]] = pixels
    strength[row : row + size[0], column : column + size[1]] = torch.from_numpy(fit.mask) * paste.lam
    return canvas, strength


def timed(call: Callable[[], object]) -> float:
    """Return the milliseconds of one call."""
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Measure and print both ways and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    rng = np.random.default_rng(0)
    bank, options = make_bank(rng), PasteOptions()
    images = torch.randn(BATCH, 3, SIDE_PX, SIDE_PX, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(BATCH, SIDE_PX, SIDE_PX, dtype=torch.int64)
    labels[:, 100:300, 150:350] = NUM_OLD + 1

    def boxes_only() -> MixedBatch:
        rngs = [np.random.default_rng([1, index]) for index in range(BATCH)]
        return mix_instances(images, labels, labels, bank, rngs, options)

    mixed = boxes_only()
    cell_px = options.cell_px(SIDE_PX)
    _, target = paste_whole_canvases(images, labels, bank, mixed.pastes, cell_px)
    assert torch.allclose(mixed.target.to_dense(NUM_CHANNELS), target, atol=1e-6), "the two ways disagree"

    boxes, wholes = [], []
    for _ in range(arguments.rounds):
        boxes.append(timed(boxes_only))
        wholes.append(timed(lambda: paste_whole_canvases(images, labels, bank, mixed.pastes, cell_px)))
    box, whole = statistics.median(boxes), statistics.median(wholes)
    num = len(mixed.pastes)
    print(f"{BATCH} images of {SIDE_PX} px, {num} pastes, {NUM_CHANNELS} channels, {arguments.threads} CPU thread(s)")
    print(f"boxes only    {box:8.1f} ms a batch  {box / num:6.2f} ms a paste")
    print(f"whole canvas  {whole:8.1f} ms a batch  {whole / num:6.2f} ms a paste")
    print(f"ratio         {whole / box:8.1f}")


if __name__ == "__main__":
    main()
