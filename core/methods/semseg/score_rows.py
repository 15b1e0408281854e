"""Rows of scores, and the curve over thresholds, of an open-set evaluation (SemSeg 6). Free of torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np

from core.methods.semseg.predictions import StoredPredictions
from core.metrics.instances import MOST_FOUND
from core.metrics.open_set import OpenSetResult, defined_mean, summarise
from core.stage.events import Score

KNOWN_GROUP, UNKNOWN_GROUP = "known", "unknown"
SUMMED = ("aose", "misclassified", "known_as_unknown", "true_objects", "found_objects")
"""Counts. Over several test sets they are summed; all other scores are averaged."""
FACTORS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0)
"""Thresholds of the curve, as multiples of the run's threshold."""


def rows_of(result: OpenSetResult, known: Sequence[int], prefix: str = "") -> Iterator[Score]:
    """Yield the scores of one evaluation; scores without ground truth are undefined.

    Args:
        result: result for masks, or for boxes.
        known: raw ids of the known classes, in the order of the result's curves.
        prefix: prefix of the metrics' names; `box_` for boxes.
    """
    for group, curves in ((KNOWN_GROUP, result.known), (UNKNOWN_GROUP, (result.unknown,))):
        means = summarise(curves)
        named = {"ap": means.ap, "ap50": means.ap50, "ap75": means.ap75}
        named |= dict(zip(("ap_small", "ap_medium", "ap_large"), means.ap_by_area, strict=True))
        named |= {f"ar{most}": value for most, value in zip(MOST_FOUND, means.ar, strict=True)}
        named |= dict(zip(("ar_small", "ar_medium", "ar_large"), means.ar_by_area, strict=True))
        yield from (Score(metric=f"{prefix}{name}", value=value, group=group) for name, value in named.items())
    has_unknown = result.true_unknown > 0
    errors = float(result.open_set_errors.sum()) if has_unknown else None
    yield Score(metric=f"{prefix}aose", value=errors)
    yield Score(metric=f"{prefix}misclassified", value=float(result.misclassified.sum()))
    yield Score(metric=f"{prefix}known_as_unknown", value=float(result.known_as_unknown[0]))
    yield Score(metric=f"{prefix}wilderness_impact", value=result.wilderness if has_unknown else None)
    if not prefix:
        yield Score(metric="true_objects", value=float(result.true_unknown), group=UNKNOWN_GROUP)
        yield Score(metric="found_objects", value=float(result.found_unknown), group=UNKNOWN_GROUP)
    for raw_id, curve, count in zip(known, result.known, result.open_set_errors.tolist(), strict=True):
        is_shown = curve.truths[0] > 0
        yield Score(metric=f"{prefix}ap", value=defined_mean(curve.precision[0]), class_id=raw_id)
        yield Score(metric=f"{prefix}aose", value=float(count) if has_unknown and is_shown else None, class_id=raw_id)


def together(tests: Sequence[Sequence[Score]]) -> list[Score]:
    """Return the rows of several test sets together: means of defined scores, and sums of counts."""
    values: dict[tuple[str, int | None, str | None], list[float]] = {}
    for score in (score for test in tests for score in test):
        defined = values.setdefault((score.metric, score.class_id, score.group), [])
        defined += [] if score.value is None else [score.value]
    rows = []
    for (metric, class_id, group), defined in values.items():
        combine = np.sum if metric.removeprefix("box_") in SUMMED else np.mean
        value = float(combine(defined)) if defined else None
        rows.append(Score(metric=metric, value=value, class_id=class_id, group=group))
    return rows


def threshold_curve(stored: StoredPredictions, threshold: float) -> bytes:
    """Return the results with other thresholds as JSON; see `FACTORS`."""
    points = []
    for factor in FACTORS:
        result = stored.evaluate(factor * threshold)
        known, unknown = summarise(result.known), summarise([result.unknown])
        points.append(
            {
                "threshold": factor * threshold,
                "ap_known": known.ap,
                "ap_unknown": unknown.ap,
                "ar10_unknown": unknown.ar[0],
                "ar100_unknown": unknown.ar[-1],
                "aose": int(result.open_set_errors.sum()) if result.true_unknown else None,
                "known_as_unknown": int(result.known_as_unknown[0]),
            }
        )
    return json.dumps({"threshold": threshold, "points": points}, indent=1).encode()
