"""How well known objects are found and told apart from unknown ones (SemSeg 6.1). Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.instances import (
    ALL_AREAS,
    AREAS,
    IOU_THRESHOLDS,
    Curve,
    Flags,
    Floats,
    Found,
    Ints,
    Matched,
    Overlaps,
    Ranked,
    Truths,
    countable,
    match_greedily,
    precision_recall,
    rank,
)

UNKNOWN = 1000
"""Category of every unknown object, in results and files."""
WILDERNESS_RECALL = 0.8


@dataclass(frozen=True)
class OpenSetResult:
    """An evaluation of known and unknown objects; measures without ground truth are NaN.

    Attributes:
        known: curves of the known classes, by ascending id.
        unknown: curve of all unknown objects as one class.
        open_set_errors: (K,) found objects of each known class that are matched to an unknown one, at IoU 0.5; a class
            without ground truth counts none.
        misclassified: (K,) likewise, objects matched to an object of another known class.
        known_as_unknown: (T,) unknown found objects that are matched to a known one.
        wilderness: wilderness impact at recall 0.8; NaN if nothing was found.
        true_unknown, found_unknown: number of true unknown objects without crowds, and of found ones.
    """

    known: tuple[Curve, ...]
    unknown: Curve
    open_set_errors: Ints
    misclassified: Ints
    known_as_unknown: Ints
    wilderness: float
    true_unknown: int
    found_unknown: int


def relabelled(categories: Ints, known: Sequence[int]) -> Ints:
    """Replace every category that is not known by UNKNOWN."""
    return np.where(np.isin(categories, known), categories, UNKNOWN)


def evaluate_open_set(truths: Truths, found: Found, overlaps: Overlaps, known: Sequence[int]) -> OpenSetResult:
    """Compute the five independent matchings and their measures.

    Args:
        truths, found: all objects; every category that is not known counts as UNKNOWN.
        overlaps: pairs with an IoU of at least 0.5.
        known: ids of the known classes, ascending.
    """
    true_class, found_class = relabelled(truths.category, known), relabelled(found.category, known)
    is_unknown = true_class == UNKNOWN
    classes = [_known_class(truths, found, overlaps, (true_class, found_class), class_id) for class_id in known]
    strange = rank(found, np.flatnonzero(found_class == UNKNOWN))
    as_unknown = match_greedily(strange, found, truths, overlaps, ~is_unknown, ALL_AREAS)
    matched = match_greedily(strange, found, truths, overlaps, is_unknown, AREAS)
    reached = [one.at_recall for one in classes]
    errors, counted = (float(np.mean([pair[which] for pair in reached] or [0])) for which in (0, 1))
    return OpenSetResult(
        known=tuple(one.curve for one in classes),
        unknown=precision_recall(strange, matched, countable(truths, is_unknown)),
        open_set_errors=np.array([one.open_set_errors for one in classes], np.int64),
        misclassified=np.array([one.misclassified for one in classes], np.int64),
        known_as_unknown=np.asarray(_hits(as_unknown)[0].sum(axis=1)),
        wilderness=errors / counted if counted else float("nan"),
        true_unknown=int((is_unknown & ~truths.is_crowd).sum()),
        found_unknown=len(strange.found),
    )


@dataclass(frozen=True)
class _KnownClass:
    curve: Curve
    open_set_errors: int
    misclassified: int
    at_recall: tuple[int, int]
    """Number of open-set errors, and of found objects that count, up to the rank of the wilderness impact."""


def _known_class(
    truths: Truths, found: Found, overlaps: Overlaps, categories: tuple[Ints, Ints], class_id: int
) -> _KnownClass:
    true_class, found_class = categories
    ranked = rank(found, np.flatnonzero(found_class == class_id))
    own = true_class == class_id
    matched = match_greedily(ranked, found, truths, overlaps, own)
    num_truths = countable(truths, own)
    curve = precision_recall(ranked, matched, num_truths)
    if not num_truths[0]:
        return _KnownClass(curve, 0, 0, (0, 0))
    unknown = _at_half(ranked, found, truths, overlaps, true_class == UNKNOWN)
    others = _at_half(ranked, found, truths, overlaps, ~own & (true_class != UNKNOWN))
    return _KnownClass(
        curve, int(unknown.sum()), int(others.sum()), _until_recall(matched, unknown, int(num_truths[0]))
    )


def _at_half(ranked: Ranked, found: Found, truths: Truths, overlaps: Overlaps, is_partner: Flags) -> Flags:
    """Return (n,) which found objects are matched at IoU 0.5, over all areas."""
    return np.asarray(_hits(match_greedily(ranked, found, truths, overlaps, is_partner, ALL_AREAS))[0, 0])


def _hits(matched: Matched) -> Flags:
    return np.asarray(matched.is_hit & ~matched.is_ignored)


def _until_recall(matched: Matched, errors: Flags, num_truths: int) -> tuple[int, int]:
    """Return the open-set errors and the counted objects up to the rank where recall reaches 0.8, or to the last."""
    if not len(errors):
        return 0, 0
    counted = ~matched.is_ignored[0, 0]
    recall = np.cumsum(_hits(matched)[0, 0]) / num_truths
    last = min(int(np.searchsorted(recall, WILDERNESS_RECALL, side="left")), len(recall) - 1)
    return int(errors[: last + 1].sum()), int(counted[: last + 1].sum())


@dataclass(frozen=True)
class Summary:
    """Means over classes and thresholds; None if nothing is defined.

    Attributes:
        ap, ap50, ap75: average precision over all thresholds, and at two; area all.
        ap_by_area: small, medium, large.
        ar: (M,) average recall with at most 10, 20, 30, 50 and 100 found objects per image.
        ar_by_area: average recall with at most 100: small, medium, large.
    """

    ap: float | None
    ap50: float | None
    ap75: float | None
    ap_by_area: tuple[float | None, ...]
    ar: tuple[float | None, ...]
    ar_by_area: tuple[float | None, ...]


def summarise(curves: Sequence[Curve]) -> Summary:
    """Return the means over the curves of some classes; classes without ground truth are left out."""
    precision = np.stack([curve.precision for curve in curves]) if curves else np.full((0, 4, 10, 101), np.nan)
    recall = np.stack([curve.recall for curve in curves]) if curves else np.full((0, 4, 10, 5), np.nan)
    half, three_quarters = (int(np.argmin(abs(IOU_THRESHOLDS - value))) for value in (0.5, 0.75))
    return Summary(
        ap=defined_mean(precision[:, 0]),
        ap50=defined_mean(precision[:, 0, half]),
        ap75=defined_mean(precision[:, 0, three_quarters]),
        ap_by_area=tuple(defined_mean(precision[:, area]) for area in (1, 2, 3)),
        ar=tuple(defined_mean(recall[:, 0, :, most]) for most in range(recall.shape[3])),
        ar_by_area=tuple(defined_mean(recall[:, area, :, -1]) for area in (1, 2, 3)),
    )


def defined_mean(values: Floats) -> float | None:
    """Return the mean of the defined values; None if there are none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else None
