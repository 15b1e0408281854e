"""Speed of CoaST's data and passes: `python -m benchmarks.coast`; CPU milliseconds of one core, medians.

Every figure stands beside the literal way of the published code on the same data, measured in turns, so that the ratio
stands on a busy machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image as Pictures

from core.data.class_lists import CLASS_LISTS
from core.data.label_ids import lookup_table, remap
from core.data.transforms.weak_view import (
    WeakView,
    draw_weak_view,
    soft_view,
    soft_weights,
    to_unit,
    weak_image,
    weak_label,
)
from core.methods.coast.networks import build_network, freeze_batch_norm, network_optimizer
from core.methods.coast.options import NetworkOptions, OptimOptions
from core.methods.coast.soft_label_files import decode_soft_label, encode_soft_label, quantised
from core.methods.coast.warm_up import WarmUp, WarmUpBatch
from core.models.discriminator import Discriminator

SIZE, CROP, STORED, CLASSES, SHARE = (512, 1024), (256, 512), (65, 129), 19, 4
"""(height, width) of an image, of its crop, and of a stored soft label; classes; pixels a cell of the grid."""


def smooth_probs(generator: np.random.Generator) -> np.ndarray:
    """Return a soft label (C, h, w) such as a trained network gives: large areas of one class, unsure at borders."""
    coarse = torch.from_numpy(generator.normal(size=(1, CLASSES, 9, 17))).float()
    logits = F.interpolate(coarse, STORED, mode="bicubic", align_corners=True)[0] * 6
    return logits.softmax(dim=0).numpy()


def milliseconds(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median CPU time of each way, which take turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.process_time()
            way()
            taken[name].append(1000 * (time.process_time() - begun))
    return {name: statistics.median(each) for name, each in taken.items()}


def data_ways(generator: np.random.Generator) -> dict[str, Callable[[], object]]:
    """Return the steps of one target image: conversion, label map, weak view with its soft label."""
    image = generator.integers(0, 256, (*SIZE, 3), dtype=np.uint8)
    image = np.asarray(Pictures.fromarray(image[::16, ::16]).resize((SIZE[1], SIZE[0]), Pictures.Resampling.BICUBIC))
    table = lookup_table(CLASS_LISTS["19"].ids["cityscapes"])
    raw = generator.integers(0, 34, SIZE, dtype=np.uint8)
    labels = remap(raw, table)
    probs = smooth_probs(generator)
    stored = torch.from_numpy(quantised(probs, 8))
    views = iter(lambda: draw_weak_view(SIZE, SIZE[1], CROP, generator), None)

    def weak(mode: str) -> object:
        view: WeakView = next(views)
        cropped = weak_image(image, view, CROP), weak_label(labels, view, CROP)
        axes = soft_weights(STORED, SIZE, view, CROP, SHARE, mode)  # type: ignore[arg-type]
        rows, columns = (torch.from_numpy(axis.astype(np.float32)) for axis in axes)
        return cropped, soft_view(stored, rows, columns)

    def literal() -> object:
        view: WeakView = next(views)
        pixels = np.asarray(Pictures.fromarray(image).resize(view.size[::-1], Pictures.Resampling.BILINEAR))
        ids = np.asarray(Pictures.fromarray(labels).resize(view.size[::-1], Pictures.Resampling.NEAREST))
        soft = F.interpolate(torch.from_numpy(probs)[None], SIZE, mode="bilinear", align_corners=True)
        soft = F.interpolate(soft, view.size, mode="bilinear", align_corners=True)
        rows, columns = (slice(start, start + side) for start, side in zip((view.row, view.column), CROP, strict=True))
        cropped = soft[:, :, rows, columns]
        grid = F.interpolate(cropped, [side // SHARE for side in CROP], mode="bilinear", align_corners=True)
        return pixels[rows, columns], ids[rows, columns], grid

    coded = encode_soft_label(quantised(probs, 8))
    return {
        "label map": lambda: remap(raw, table),
        "tensor conversion": lambda: to_unit(image),
        "weak view, direct": lambda: weak("direct"),
        "weak view, chain": lambda: weak("chain"),
        "weak view, literal": literal,
        "stored label read": lambda: decode_soft_label(coded, CLASSES, "one"),
    }


def pass_ways(num_targets: int) -> dict[str, Callable[[], object]]:
    """Return a warm-up iteration of the network for CPUs, with one pass for all domains and with one for each."""
    network = build_network(NetworkOptions(name="tiny"), CLASSES, num_targets, torch.Generator().manual_seed(1))
    freeze_batch_norm(network)
    discriminators = torch.nn.ModuleList(Discriminator(CLASSES, 8) for _ in range(num_targets))
    sgd = network_optimizer(network, {"encoder": 1e-4, "heads": 1e-3}, OptimOptions())
    adam = torch.optim.Adam(discriminators.parameters(), lr=1e-4)
    apart = WarmUp(network, discriminators, sgd, adam)
    together = replace(apart, shares_pass=True)
    images = [torch.rand(4, 3, 64, 128) for _ in range(1 + num_targets)]
    batch = WarmUpBatch(images[0], torch.randint(CLASSES, (4, 64, 128)), images[1:])
    return {
        f"warm-up, K = {num_targets}, shared pass": lambda: together.update(batch),
        f"warm-up, K = {num_targets}, literal": lambda: apart.update(batch),
    }


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    generator = np.random.default_rng(1)
    for ways in (data_ways(generator), pass_ways(2), pass_ways(3)):
        for name, taken in milliseconds(ways, rounds).items():
            print(f"{name:32} {taken:8.2f} ms")


if __name__ == "__main__":
    main()
