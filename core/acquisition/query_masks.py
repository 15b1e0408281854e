"""The queried parts of an image over all rounds, and RIPU's greedy choice of the next parts (STAL 6.3).

Free of torch: every choice depends on the one before, so the choice is made on the CPU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX

BoolMap = npt.NDArray[np.bool_]
Centres = npt.NDArray[np.int64]
"""(K, 2): row and column of each choice, in order."""

PUBLISHED_IMAGE_SIZE = (1024, 2048)
PIXEL_BUDGET_AREA = 1280 * 640
"""Area of the reference image of a budget in pixels per image."""


@dataclass(frozen=True)
class QueryMasks:
    """One image's state between rounds.

    Attributes:
        labels: (H, W) uint8 answers; 255 where there is none.
        blocked: (H, W) bool, pixels that cannot be chosen as centres.
        selected: (H, W) bool, queried pixels.
    """

    labels: npt.NDArray[np.uint8]
    blocked: BoolMap
    selected: BoolMap

    @classmethod
    def blank(cls, height: int, width: int) -> QueryMasks:
        """Return the state before the first round."""
        shape = (height, width)
        return cls(np.full(shape, IGNORE_INDEX, dtype=np.uint8), np.zeros(shape, np.bool_), np.zeros(shape, np.bool_))

    def answered(self, truth: npt.NDArray[np.integer[Any]]) -> QueryMasks:
        """Return the state in which every selected pixel has its label from `truth` (H, W)."""
        labels = np.where(self.selected, truth, self.labels).astype(np.uint8)
        return QueryMasks(labels, self.blocked, self.selected)


def regions_per_round(size: tuple[int, int], ratio: float, rounds: int, radius_px: int) -> int:
    """Return the number of windows that one round queries in an image: ⌈H·W·(ratio/rounds)/(2k + 1)²⌉.

    Args:
        size: height and width of the image.
        ratio: share of the image's pixels that all rounds together query, in (0, 1].
        rounds: at least 1.
        radius_px: k.

    Raises:
        ValueError: if the ratio is outside (0, 1] or there is no round.
    """
    if not 0 < ratio <= 1:
        raise ValueError(f"the share of pixels to query is {ratio}; it must be over 0 and at most 1")
    _check_rounds(rounds)
    return math.ceil(size[0] * size[1] * (ratio / rounds) / (2 * radius_px + 1) ** 2)


def pixels_per_round(pixels: float, rounds: int, size: tuple[int, int] = PUBLISHED_IMAGE_SIZE) -> int:
    """Return the number of pixels that one round queries in an image: ⌈pixels/rounds/(1280·640)·(H·W)⌉.

    REFERENCE: takes 2048 × 1024 as the size of every image, the default here.

    Args:
        pixels: budget of all rounds, for an image of 1280 × 640.
        rounds: at least 1.
        size: height and width of the image.

    Raises:
        ValueError: if the budget is not positive or there is no round.
    """
    if pixels <= 0:
        raise ValueError(f"the budget is {pixels} pixels an image; it must be over 0")
    _check_rounds(rounds)
    return math.ceil(pixels / rounds / PIXEL_BUDGET_AREA * (size[0] * size[1]))


def select_regions(
    score: npt.NDArray[np.floating[Any]], masks: QueryMasks, radius_px: int, count: int
) -> tuple[QueryMasks, Centres]:
    """Choose the windows of highest score, for `ripu_ra`. Windows never overlap, not even across rounds.

    Args:
        score: (H, W), finite.
        masks: state after earlier rounds.
        radius_px: k; a window has (2k + 1)² pixels, clipped at the image's border.
        count: how many to choose; fewer are chosen if no window is left.

    Returns:
        The state with the windows selected and blocked, and the centres in order.

    Raises:
        ValueError: if shapes differ, a score is not finite, or the radius or the count is negative.
    """
    return _select(score, masks, count, reach_px=radius_px, blocking_px=2 * radius_px)


def select_pixels(
    score: npt.NDArray[np.floating[Any]], masks: QueryMasks, radius_px: int, count: int
) -> tuple[QueryMasks, Centres]:
    """Choose the single pixels of highest score, for `ripu_pa`. Each blocks the window of radius k around it.

    Arguments, result and errors are those of `select_regions`.
    """
    return _select(score, masks, count, reach_px=0, blocking_px=radius_px)


def _select(
    score: npt.NDArray[np.floating[Any]], masks: QueryMasks, count: int, reach_px: int, blocking_px: int
) -> tuple[QueryMasks, Centres]:
    if not score.shape == masks.labels.shape == masks.blocked.shape == masks.selected.shape:
        raise ValueError(f"the score has shape {score.shape} and the image's masks {masks.labels.shape}")
    if reach_px < 0 or blocking_px < 0 or count < 0:
        raise ValueError(f"{count} choices of radius {max(reach_px, blocking_px)} px; neither can be negative")
    if not np.isfinite(score).all():
        raise ValueError("the score is not finite everywhere; the model's output is broken")
    centres = greedy_maxima(score, masks.blocked, blocking_px, count)
    blocked, selected = masks.blocked.copy(), masks.selected.copy()
    for row, column in centres.tolist():
        blocked[_window(row, column, blocking_px)] = True
        selected[_window(row, column, reach_px)] = True
    return QueryMasks(masks.labels, blocked, selected), centres


def greedy_maxima(score: npt.NDArray[np.floating[Any]], blocked: BoolMap, blocking_px: int, count: int) -> Centres:
    """Return the highest unblocked pixels. Each choice blocks the window around it for later choices.

    Ties go to the smallest column, then the smallest row. REFERENCE: scans the whole map for each choice, and repeats
    pixel (0, 0) when nothing is left. We keep the maximum of every column, update only the columns that a window
    touches, and stop when nothing is left.

    Args:
        score: (H, W), finite.
        blocked: (H, W).
        blocking_px: radius of the window that a choice blocks.
        count: how many to return at most.

    Returns:
        (K, 2) rows and columns, in order of choice.
    """
    columns = np.where(blocked, -np.inf, score).T.copy()  # (W, H): a column of the image is contiguous
    if not columns.size:
        return np.empty((0, 2), dtype=np.int64)
    maxima = columns.max(axis=1)
    centres = []
    for _ in range(count):
        column = int(maxima.argmax())
        if maxima[column] == -np.inf:
            break
        row = int(columns[column].argmax())
        touched, rows = _window(column, row, blocking_px)
        strip = columns[touched]
        strip[:, rows] = -np.inf
        strip.max(axis=1, out=maxima[touched])
        centres.append((row, column))
    return np.array(centres, dtype=np.int64).reshape(-1, 2)


def _window(row: int, column: int, radius_px: int) -> tuple[slice, slice]:
    return (
        slice(max(row - radius_px, 0), row + radius_px + 1),
        slice(max(column - radius_px, 0), column + radius_px + 1),
    )


def _check_rounds(rounds: int) -> None:
    if rounds < 1:
        raise ValueError(f"the budget is divided among {rounds} rounds; at least 1 is needed")
