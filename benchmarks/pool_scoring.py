"""What scoring an unlabelled pool costs above the forward pass alone: `python -m benchmarks.pool_scoring`.

Pictures of the world *streets* lie as PNG files; a network with random weights values them by every acquisition
function for images. Each is timed beside the forward pass over the same batch, by turns in one run, and the shortest
of all rounds counts for each batch.

- Forward pass: images -> logits at the size of the images, as in every test of a network. For functions with dropout
  it is the encoder once, and the decoder T times. STAL squeezes its images: its forward pass is that of squeezed ones.
- alone: batches lie ready as tensors; processor time of one thread.
- with reading: files are decoded ahead in another thread, for both alike; by the clock.

Exit status 1 when scoring alone takes more than 1.10 times its forward pass.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image as PILImage
from torch import Tensor

from core.acquisition.catalog import ACQUISITIONS, AcquisitionName, Evidence, QueryUnit
from core.acquisition.dropout_passes import run_dropout_passes
from core.acquisition.options import AcquisitionOptions
from core.acquisition.pool import PoolImage
from core.acquisition.pool_values import Valuer, ValueRule
from core.data.decoding import read_image
from core.data.worlds.streets import StreetsWorld
from core.engine.inference import resize_logits
from core.methods.stal.config import NetworkOptions
from core.methods.stal.networks import build_network
from core.methods.stal.teacher import StalTeacher
from core.models.deeplabv3plus import DeepLabV3Plus

LIMIT = 1.10
NUM_CLASSES = 19
IMAGE_FUNCTIONS = [name for name, entry in ACQUISITIONS.items() if entry.unit is QueryUnit.IMAGE]


@dataclass(frozen=True)
class Case:
    """A network, and how many pictures of which size it sees at a time."""

    network: str
    count: int
    size: tuple[int, int]
    batch: int
    passes: int = 10


CASES = {
    "tiny": (Case("tiny", 32, (96, 192), 4), Case("tiny", 4, (256, 512), 4)),
    "resnet50": (Case("deeplabv3plus_resnet50", 4, (96, 192), 2),),
    "resnet101": (Case("deeplabv3plus_resnet101", 2, (192, 384), 1),),
}


def write_pictures(folder: Path, case: Case) -> list[Callable[[], PoolImage]]:
    """Write the pictures as PNG files, and return what reads each."""
    world, is_open = StreetsWorld("city-a", *case.size), np.ones(case.size, bool)
    read: list[Callable[[], PoolImage]] = []
    for index in range(case.count):
        path = folder / f"{case.size[0]}_{index:03}.png"
        PILImage.fromarray(world.scene(index).image).save(path)
        read.append(partial(_read, path, is_open))
    return read


def _read(path: Path, is_open: npt.NDArray[np.bool_]) -> PoolImage:
    return PoolImage(path.stem, read_image(path), is_open)


def make_valuer(network: DeepLabV3Plus, name: AcquisitionName, case: Case) -> Valuer:
    """Return the valuer; STAL's square has about as many pixels as the picture."""
    side = round((case.size[0] * case.size[1]) ** 0.5)
    rule = ValueRule(AcquisitionOptions(name=name, passes=case.passes), side, case.batch)
    return Valuer(StalTeacher(network), rule, lambda image: sum(image.encode()))


@torch.no_grad()
def forward_pass(valuer: Valuer, images: Tensor, names: Sequence[str]) -> None:
    """Make the logits that a function is about, at the size of the images, and nothing else."""
    assert isinstance(valuer.teacher, StalTeacher)
    options, network = valuer.rule.options, valuer.teacher.network
    evidence = ACQUISITIONS[options.name].evidence
    if evidence is Evidence.IMAGE_LOGITS:
        side = valuer.rule.crop_px
        images = F.interpolate(images, (side, side), mode="bilinear", align_corners=True)
    if evidence is not Evidence.DROPOUT_PASSES:
        network.logits(images)
        return
    size, classifier = images.shape[-2:], network.decoder.classifier
    joined = network.decoder.join(network.encoder(images))
    for index, name in enumerate(names):

        def decode(features: Tensor = joined[index : index + 1]) -> Tensor:
            logits: Tensor = classifier(features)
            resize_logits(logits, size)
            return logits

        run_dropout_passes(classifier, decode, options.passes, valuer.seed_of(name))


Pair = tuple[Callable[[], object], Callable[[], object]]
"""Scoring, and its forward pass."""


def compare(pairs: Sequence[Pair], rounds: int, clock: Callable[[], float]) -> tuple[float, float]:
    """Return the sum of the shortest times of scoring, and of the forward passes, in seconds."""
    shortest = np.full((len(pairs), 2), np.inf)
    for number in range(rounds + 1):
        for row, pair in enumerate(pairs):
            for column, work in enumerate(pair):
                begin = clock()
                work()
                if number:  # the first round only warms up
                    shortest[row, column] = min(shortest[row, column], clock() - begin)
    scored, forward = shortest.sum(axis=0)
    return float(scored), float(forward)


def alone(valuer: Valuer, read: Sequence[Callable[[], PoolImage]]) -> list[Pair]:
    """Return a pair for each batch of the pool, whose images are decoded."""
    return [
        (partial(valuer.values_of, batch), partial(forward_pass, valuer, batch.images, batch.names))
        for _, batch in valuer.batches(read)
    ]


def with_reading(valuer: Valuer, read: Sequence[Callable[[], PoolImage]]) -> Pair:
    """Return the pair of the whole pool, whose images are read from their files."""

    def forward() -> None:
        for _, batch in valuer.batches(read):
            forward_pass(valuer, batch.images, batch.names)

    return partial(valuer.pool, read, torch.Generator()), forward


def measure(case: Case, folder: Path, rounds: int) -> bool:
    """Print a line for every function; return whether all are within the limit."""
    network = build_network(NetworkOptions.model_validate({"name": case.network}), NUM_CLASSES, seed=0).eval()
    read = write_pictures(folder, case)
    height, width = case.size
    print(f"{case.network}, {case.count} pictures of {height}x{width}, batches of {case.batch}, T = {case.passes}")
    within = True
    for name in IMAGE_FUNCTIONS:
        valuer = make_valuer(network, name, case)
        scored, forward = compare(alone(valuer, read), rounds, time.process_time)
        clocked, read_alone = compare([with_reading(valuer, read)], rounds, time.perf_counter)
        is_within = scored <= LIMIT * forward
        within &= is_within
        print(
            f"  {name.value + ',':17} forward pass {1000 * forward / case.count:8.2f} ms a picture; scoring alone "
            f"{scored / forward:.2f} times that (limit {LIMIT:.2f}{'' if is_within else ', missed'}), "
            f"with reading {clocked / read_alone:.2f}"
        )
    return within


def main() -> int:
    """Measure the cases of the networks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=CASES, default=["tiny"])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; shortest of {arguments.rounds} rounds, one thread")
    within = True
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.networks:
            for case in CASES[name]:
                within &= measure(case, Path(folder), arguments.rounds)
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
