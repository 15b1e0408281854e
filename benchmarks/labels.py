"""What a label map of Cityscapes' size costs, and a picture of the world *streets*: `python -m benchmarks.labels`.

Label maps: shortest time of all rounds on one thread beside its limit; a machine under load takes longer, so the load
is printed too. Pictures: all rounds together, in processor time. Exit status 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from core.data.classes import CITYSCAPES_CLASSES
from core.data.colour_map import colour_map, palette_of
from core.data.label_ids import CITYSCAPES_LABELS, remap
from core.data.worlds.street_domains import DOMAINS
from core.data.worlds.streets import StreetsWorld
from core.metrics.confusion import ConfusionMatrix

SIZE = (1024, 2048)
NUM_CLASSES = 19
SCENE_SIZE = (96, 192)
LIMITS_MS = {"ids to train ids": 8.0, "colour map": 30.0, "confusion matrix": 12.0}


def shortest_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the shortest time of a piece of work in milliseconds, after a first run that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1000 * min(times)


def measure_labels(rounds: int) -> dict[str, float]:
    """Return milliseconds of each piece of work on one label map."""
    generator = np.random.default_rng(0)
    ids = generator.integers(0, 34, SIZE).astype(np.uint8)
    train_ids = remap(ids, CITYSCAPES_LABELS)
    labels, palette = torch.from_numpy(train_ids).long(), palette_of(CITYSCAPES_CLASSES)
    predictions = torch.from_numpy(generator.integers(0, NUM_CLASSES, SIZE))
    confusion = ConfusionMatrix(NUM_CLASSES)
    return {
        "ids to train ids": shortest_ms(lambda: remap(ids, CITYSCAPES_LABELS), rounds),
        "colour map": shortest_ms(lambda: colour_map(train_ids, palette), rounds),
        "confusion matrix": shortest_ms(lambda: confusion.update(labels, predictions), rounds),
    }


def main() -> int:
    """Print a line for each piece of work, and one for each domain; return 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; shortest of {arguments.rounds} rounds, one thread")
    found = measure_labels(arguments.rounds)
    for name, milliseconds in found.items():
        missed = "" if milliseconds <= LIMITS_MS[name] else ", missed"
        size = f"{SIZE[0]}x{SIZE[1]}"
        print(f"{name + ',':18} {size}: {milliseconds:6.2f} ms (limit {LIMITS_MS[name]:.0f} ms{missed})")
    for domain in DOMAINS:
        world = StreetsWorld(domain, *SCENE_SIZE)
        begin = time.process_time()
        for index in range(arguments.rounds):
            world.scene(index)
        rate = arguments.rounds / (time.process_time() - begin)
        print(
            f"streets, {domain + ',':10} {SCENE_SIZE[0]}x{SCENE_SIZE[1]}: {rate:6.0f} pictures in a second of processor"
        )
    return int(any(found[name] > limit for name, limit in LIMITS_MS.items()))


if __name__ == "__main__":
    sys.exit(main())
