"""Acquisition against the direct way of computing it: `python -m benchmarks.acquisition_speed`.

Two things are compared, each with its direct way in the same run on one thread. Processor time is measured, not the
clock, and the shortest of all rounds counts, so that ratios stand on a busy machine. Results are checked to be equal.

- Region score of an image: window sums by running sums against depthwise convolutions with a kernel of ones. These are
  written twice: plainly, one for the classes and one for the entropies, and as a single one over channels-last maps,
  which is by far the fastest convolution on CPUs.
- Greedy selection: column maxima against a scan of the whole map for each choice, by numpy's vectorised `argmax` over a
  map that lies in memory in the order of the ties.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from core.acquisition.entropy import EPSILON, class_probs, smoothed_entropy
from core.acquisition.query_masks import Centres, greedy_maxima, regions_per_round
from core.acquisition.ripu import best_classes, region_impurity, region_score
from core.acquisition.windows import window_means

NUM_CLASSES = 19
SCORE_SIZE = (256, 512)
SCORE_RADIUS_PX = 32
SELECT_SIZE = (512, 1024)
SELECT_RATIO, SELECT_ROUNDS, SELECT_RADIUS_PX = 0.05, 5, 1

Map = npt.NDArray[np.float32]


def make_logits(size: tuple[int, int]) -> Tensor:
    """Return logits (1, C, H, W) with patches of one class and noise."""
    generator = torch.Generator().manual_seed(0)
    coarse = 3 * torch.randn(1, NUM_CLASSES, size[0] // 16, size[1] // 16, generator=generator)
    smooth = F.interpolate(coarse, size, mode="bilinear", align_corners=True)
    return smooth + 0.3 * torch.randn(smooth.shape, generator=generator)


def windows_by_running_sums(labels: Tensor, entropy: Tensor) -> Tensor:
    """Return the score of an image from its best classes and entropies (1, H, W), by the functions under test."""
    impurity = region_impurity(labels, NUM_CLASSES, SCORE_RADIUS_PX)
    return impurity * window_means(entropy, SCORE_RADIUS_PX) / math.log(NUM_CLASSES) ** 2


def windows_by_two_convolutions(labels: Tensor, entropy: Tensor) -> Tensor:
    """Return the same by a convolution of one-hot maps and one of entropies."""
    onehot = F.one_hot(labels, NUM_CLASSES).permute(0, 3, 1, 2).float()
    return score_of_sums(sums_by_convolution(onehot), sums_by_convolution(entropy[:, None]))


def windows_by_one_convolution(labels: Tensor, entropy: Tensor) -> Tensor:
    """Return the same by one convolution of all maps, channels-last in memory."""
    onehot = F.one_hot(labels, NUM_CLASSES).float()
    sums = sums_by_convolution(torch.cat([onehot, entropy[..., None]], dim=-1).permute(0, 3, 1, 2))
    return score_of_sums(sums[:, :-1], sums[:, -1:])


def sums_by_convolution(maps: Tensor) -> Tensor:
    """Return the window sums of maps (1, C, H, W), each channel by itself."""
    side, channels = 2 * SCORE_RADIUS_PX + 1, maps.shape[1]
    return F.conv2d(maps, torch.ones(channels, 1, side, side), padding=SCORE_RADIUS_PX, groups=channels)


def score_of_sums(counts: Tensor, entropies: Tensor) -> Tensor:
    """Return impurity × uncertainty (1, H, W) from sums over windows."""
    area = counts.sum(dim=1, keepdim=True)
    share = counts / area
    impurity = -(share * (share + EPSILON).log()).sum(dim=1)
    return impurity * (entropies / area)[:, 0] / math.log(NUM_CLASSES) ** 2


def score_by_convolution(windows: Callable[[Tensor, Tensor], Tensor], logits: Tensor) -> Tensor:
    """Return the score of an image from its logits, with windows by one of the direct ways."""
    probs = logits.softmax(dim=1)
    return windows(logits.argmax(dim=1), -(probs * (probs + EPSILON).log()).sum(dim=1))


def select_by_scanning(score: Map, blocking_px: int, count: int) -> Centres:
    """Choose pixels by scanning the whole map for each choice."""
    columns = score.T.copy()
    centres = []
    for _ in range(count):
        column, row = divmod(int(columns.argmax()), columns.shape[1])
        columns[
            max(column - blocking_px, 0) : column + blocking_px + 1, max(row - blocking_px, 0) : row + blocking_px + 1
        ] = -np.inf
        centres.append((row, column))
    return np.array(centres)


def shortest_ms(rounds: int, *ways: Callable[[], object]) -> list[float]:
    """Return the shortest processor time of each way in milliseconds; the ways take turns."""
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(rounds):
        for way, taken in zip(ways, times, strict=True):
            start = time.process_time()
            way()
            taken.append(1000 * (time.process_time() - start))
    return [min(taken) for taken in times]


def report(title: str, ours_ms: float, *direct_ms: float) -> None:
    """Print the times of one comparison, ours first, and their ratios."""
    times = "".join(f"{time_ms:12.1f}" for time_ms in (ours_ms, *direct_ms))
    ratios = "".join(f"{time_ms / ours_ms:8.1f}" for time_ms in direct_ms)
    print(f"  {title:32} ms {times}   ratio {ratios}")


def compare_region_score(rounds: int) -> None:
    """Measure the windows alone, and the whole score from logits."""
    logits, directly = make_logits(SCORE_SIZE), (windows_by_two_convolutions, windows_by_one_convolution)
    entropy = smoothed_entropy(class_probs(logits))
    narrow, labels = best_classes(logits), logits.argmax(dim=1)
    ours = region_score(logits, SCORE_RADIUS_PX).score
    difference = max((ours - score_by_convolution(way, logits)).abs().max().item() for way in directly)
    assert difference < 1e-5, f"the ways differ by {difference}"
    windows = shortest_ms(
        rounds,
        lambda: windows_by_running_sums(narrow, entropy),
        *(partial(way, labels, entropy) for way in directly),
    )
    whole = shortest_ms(
        rounds,
        lambda: region_score(logits, SCORE_RADIUS_PX),
        *(partial(score_by_convolution, way, logits) for way in directly),
    )
    height, width = SCORE_SIZE
    print(
        f"region score {height}x{width}, {NUM_CLASSES} classes, k = {SCORE_RADIUS_PX}; they differ by {difference:.1e}"
    )
    print("  by running sums, two convolutions, one convolution of channels-last maps")
    report("windows alone", *windows)
    report("whole score, from logits", *whole)


def compare_selection(rounds: int) -> None:
    """Measure one round's selection in one image."""
    score = region_score(make_logits(SELECT_SIZE), SELECT_RADIUS_PX).score[0].numpy()
    count = regions_per_round(SELECT_SIZE, SELECT_RATIO, SELECT_ROUNDS, SELECT_RADIUS_PX)
    blocking_px, free = 2 * SELECT_RADIUS_PX, np.zeros(SELECT_SIZE, np.bool_)
    np.testing.assert_array_equal(
        greedy_maxima(score, free, blocking_px, count), select_by_scanning(score, blocking_px, count)
    )
    ours, direct = shortest_ms(
        rounds,
        lambda: greedy_maxima(score, free, blocking_px, count),
        lambda: select_by_scanning(score, blocking_px, count),
    )
    print(
        f"greedy selection {SELECT_SIZE[0]}x{SELECT_SIZE[1]}, {count} regions, k = {SELECT_RADIUS_PX}; the same picks"
    )
    report("by column maxima, full scans", ours, direct)


def main() -> None:
    """Measure and print both comparisons."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"processor time on one thread, shortest of {arguments.rounds} rounds")
    compare_region_score(arguments.rounds)
    compare_selection(arguments.rounds)


if __name__ == "__main__":
    main()
