"""Means over old, new and all classes after every step, for every metric that a method names."""

from __future__ import annotations

from collections.abc import Sequence

from core.methods.scoring import ScoreTable
from core.metrics.iou import harmonic_mean
from server.schemas.scores import MeanScore
from server.services.scores.measured import Key, Measured
from server.services.scores.score_matrices import ScoreView

MEAN_GROUPS = ("all", "old", "new")
HARMONIC = "harmonic"


def mean_scores(view: ScoreView) -> list[MeanScore]:
    """Return the means of the shown domain in the order of the method's tables, without means that no step has.

    A score without a group covers everything; it is shown as the group of all classes.
    """
    return [mean for table in view.scoring.tables if table.by == "group" for mean in _of_table(view, table)]


def undefined_of(measured: Measured, domain: str | None, keys: Sequence[Key]) -> list[list[bool]]:
    """Return for each step which scores of a domain are undefined."""
    return [[measured.is_undefined(step, domain, key) for key in keys] for step in measured.steps]


def _of_table(view: ScoreView, table: ScoreTable) -> list[MeanScore]:
    steps, domain = view.measured.steps, view.domain
    keys: dict[str, Key] = {group: (table.metric, group, None) for group in MEAN_GROUPS}
    over_everything: Key = (table.metric, None, None)
    if view.measured.has(domain, over_everything):
        keys["all"] = over_everything
    shown = [group for group, key in keys.items() if view.measured.has(domain, key)]
    means = [
        _mean(
            view,
            table,
            group,
            [view.measured.value(step, domain, keys[group]) for step in steps],
            [view.measured.is_undefined(step, domain, keys[group]) for step in steps],
        )
        for group in shown
    ]
    if "old" in shown and "new" in shown:
        old, new = ([view.measured.value(step, domain, keys[group]) for step in steps] for group in ("old", "new"))
        both = [None if a is None or b is None else harmonic_mean(a, b) for a, b in zip(old, new, strict=True)]
        unknown = [
            any(view.measured.is_undefined(step, domain, keys[group]) for group in ("old", "new")) for step in steps
        ]
        means.append(_mean(view, table, HARMONIC, both, unknown))
    return means


def _mean(
    view: ScoreView, table: ScoreTable, group: str, values: list[float | None], is_undefined: list[bool]
) -> MeanScore:
    return MeanScore(
        metric=table.metric,
        group=group,
        title=table.title,
        direction=view.scoring.direction_of(table.metric),
        values=values,
        is_undefined=is_undefined,
    )
