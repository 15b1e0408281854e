"""Matching of found objects to true ones, and their precision and recall, as COCO defines them (SemSeg 6.1).

A greedy match is sequential over the found objects of one image and class. Images, classes, thresholds and areas are
matched in parallel, and only pairs that overlap enough are considered. Free of torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

IOU_THRESHOLDS: Floats = np.linspace(0.5, 0.95, 10)
RECALL_POINTS: Floats = np.linspace(0.0, 1.0, 101)
AREA_NAMES = ("all", "small", "medium", "large")
AREAS: Floats = np.array([[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]])
"""(A, 2) areas in pixels, both ends inclusive."""
ALL_AREAS: Floats = AREAS[:1]
MOST_FOUND = (10, 20, 30, 50, 100)
_PREFERRED = np.int64(1 << 40)


@dataclass(frozen=True)
class Truths:
    """All true objects, in the order of their file: (G,) image, category, area in pixels, and whether it is a crowd."""

    image: Ints
    category: Ints
    area: Floats
    is_crowd: Flags

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True)
class Found:
    """All found objects: (D,) image, category, score and area in pixels."""

    image: Ints
    category: Ints
    score: Floats
    area: Floats

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True)
class Overlaps:
    """Pairs of found and true objects of one image whose IoU reaches the lowest threshold: (P,) each.

    The IoU with a crowd is the intersection over the area of the found object.
    """

    found: Ints
    truth: Ints
    iou: Floats


@dataclass(frozen=True)
class Ranked:
    """The n found objects of one class, or of several classes matched as one, best first.

    Attributes:
        found: (n,) indices.
        place: (n,) position among those of the same image and class, from 0.
    """

    found: Ints
    place: Ints


@dataclass(frozen=True)
class Matched:
    """The match of each of n found objects, by area and threshold: (A, T, n).

    Attributes:
        is_hit: whether the object was matched to a true object that counts.
        is_ignored: whether the object counts neither as right nor as wrong.
    """

    is_hit: Flags
    is_ignored: Flags


def rank(found: Found, chosen: Ints, most: int = MOST_FOUND[-1]) -> Ranked:
    """Order found objects by score, then by image, then by index; keep at most `most` per image."""
    order = chosen[np.lexsort((chosen, found.image[chosen], -found.score[chosen]))]
    by_image = np.argsort(found.image[order], kind="stable")
    images = found.image[order][by_image]
    starts = np.flatnonzero(np.r_[True, images[1:] != images[:-1]]) if len(images) else np.zeros(0, np.int64)
    place = np.empty(len(order), np.int64)
    lengths = np.diff(np.r_[starts, len(images)])
    place[by_image] = np.arange(len(images)) - np.repeat(starts, lengths)
    kept = place < most
    return Ranked(order[kept], place[kept])


def match_greedily(
    ranked: Ranked, found: Found, truths: Truths, overlaps: Overlaps, is_partner: Flags, areas: Floats = AREAS
) -> Matched:
    """Match each found object to the free true object with the largest IoU; ties go to the later one.

    True objects that count are preferred to ignored ones. Crowds and true objects outside an area's range are ignored.
    A crowd can be matched any number of times.

    Args:
        ranked: the found objects to match.
        found, truths: all objects.
        overlaps: pairs of overlapping objects.
        is_partner: (G,) which true objects take part.
        areas: (A, 2).
    """
    shape = (len(areas), len(IOU_THRESHOLDS), len(ranked.found))
    is_hit, is_ignored = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    at = np.full(len(found), -1, np.int64)
    at[ranked.found] = np.arange(len(ranked.found))
    used = np.flatnonzero((at[overlaps.found] >= 0) & is_partner[overlaps.truth])
    slot, truth, iou = at[overlaps.found[used]], overlaps.truth[used], overlaps.iou[used]
    order = np.lexsort((truth, iou, slot))  # for each found object the best comes last; on a tie, the later
    slot, truth, iou = slot[order], truth[order], iou[order]

    outside = (truths.area[:, None] < areas[:, 0]) | (truths.area[:, None] > areas[:, 1])  # (G, A)
    skipped = outside | truths.is_crowd[:, None]
    is_free = np.ones((len(truths), *shape[:2]), np.bool_)
    reaches = iou[:, None] >= np.minimum(IOU_THRESHOLDS, 1 - 1e-10)  # (P, T)
    for pairs in _turns(slot, ranked.place):
        theirs = truth[pairs]
        starts = np.flatnonzero(np.r_[True, slot[pairs][1:] != slot[pairs][:-1]])
        possible = reaches[pairs][:, None] & is_free[theirs]  # (p, A, T)
        value = np.arange(1, len(pairs) + 1)[:, None, None] + _PREFERRED * ~skipped[theirs][:, :, None]
        best = np.maximum.reduceat(np.where(possible, value, 0), starts, axis=0)  # (s, A, T)
        taker, area, threshold = np.nonzero(best)
        taken = theirs[best[taker, area, threshold] % _PREFERRED - 1]
        who = slot[pairs][starts][taker]
        is_hit[area, threshold, who] = ~skipped[taken, area]
        is_ignored[area, threshold, who] = skipped[taken, area]
        stays = truths.is_crowd[taken]
        is_free[taken[~stays], area[~stays], threshold[~stays]] = False

    size = found.area[ranked.found]
    is_outside = (size < areas[:, :1]) | (size > areas[:, 1:])  # (A, n)
    is_ignored |= ~(is_hit | is_ignored) & is_outside[:, None]
    return Matched(is_hit, is_ignored)


def _turns(slot: Ints, place: Ints) -> list[Ints]:
    """Return the pairs of the found objects that rank first in their image, then of the second ones, and so on."""
    if not len(slot):
        return []
    turn = place[slot]
    order = np.argsort(turn, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(turn[order])) + 1)


@dataclass(frozen=True)
class Curve:
    """Precision and recall of one class; NaN if no true object counts.

    Attributes:
        precision: (A, T, 101) interpolated, at each recall point.
        recall: (A, T, M) with at most `MOST_FOUND` found objects per image.
        truths: (A,) number of true objects that count.
    """

    precision: Floats
    recall: Floats
    truths: Ints


def precision_recall(ranked: Ranked, matched: Matched, num_truths: Ints) -> Curve:
    """Return the curve of a class.

    Args:
        ranked: the found objects, best first.
        matched: their matches.
        num_truths: (A,) number of true objects that count.
    """
    hits = matched.is_hit & ~matched.is_ignored
    counted = np.cumsum(~matched.is_ignored, axis=2)  # (A, T, n)
    precision = np.zeros((*hits.shape[:2], len(RECALL_POINTS)))
    for area, threshold in np.ndindex(*hits.shape[:2]):
        places = np.flatnonzero(hits[area, threshold])
        if not len(places) or not num_truths[area]:
            continue
        number = np.arange(1, len(places) + 1, dtype=np.float64)
        falls = number / counted[area, threshold, places]
        envelope = np.maximum.accumulate(falls[::-1])[::-1]
        index = np.searchsorted(number / num_truths[area], RECALL_POINTS, side="left")
        reached = index < len(places)
        precision[area, threshold, reached] = envelope[index[reached]]
    recalls = np.stack([(hits & (ranked.place < most)).sum(axis=2) for most in MOST_FOUND], axis=2)
    empty = num_truths == 0
    recall = recalls / np.maximum(num_truths, 1)[:, None, None]
    precision[empty], recall[empty] = np.nan, np.nan
    return Curve(precision, recall, num_truths)


def countable(truths: Truths, is_partner: Flags, areas: Floats = AREAS) -> Ints:
    """Return the (A,) number of true objects that take part and are not ignored."""
    inside = (truths.area[:, None] >= areas[:, 0]) & (truths.area[:, None] <= areas[:, 1])
    return np.asarray((inside & (is_partner & ~truths.is_crowd)[:, None]).sum(axis=0))
