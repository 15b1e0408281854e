"""Tables of learning and forgetting as plain text: a row for each step and for each class. Free of torch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from core.data.classes import ClassTable
from core.methods.scoring import CLASS_SCORING, Scoring
from core.metrics.continual import Learned, can_forget, drop_from_best, row_means
from core.stage.events import BACKGROUND_ID, Score, Scores, read_events
from core.stage.folder import EVENTS_FILE

_GROUPS = ("all", "old", "new", "old_foreground")
NOTHING = "-"
UNDEFINED = "undefined"
"""Shown for a score that could not be measured."""


def last_scores(attempt: Path) -> list[Scores]:
    """Return an attempt's last scores, one evaluation per domain, of the split that it emitted first.

    The first split is the main one, such as the teacher's before the student's.
    """
    found: dict[str | None, Scores] = {}
    for event, _ in read_events(attempt / EVENTS_FILE):
        if isinstance(event, Scores) and all(event.split == known.split for known in found.values()):
            found[event.domain] = event
    return list(found.values())


def score(scores: Scores, metric: str, *, group: str | None = None, class_id: int | None = None) -> float | None:
    """Return one score of an evaluation; None if it does not exist or is undefined."""
    found = _row(scores, metric, group, class_id)
    return None if found is None else found.value


def results_table(
    tested: Sequence[Scores], classes: ClassTable, noun: str = "step", scoring: Scoring = CLASS_SCORING
) -> str:
    """Return the tables of a run: scores over several classes by step, and the score of every class by step.

    Columns without any value are left out.

    Args:
        tested: the evaluations after each step, in order; several per step if there are several domains.
        classes: names of the raw ids.
        noun: word for a step, such as round.
        scoring: scoring of the run's method.
    """
    by_class = scoring.class_table
    metric, title = ("", "") if by_class is None else (by_class.metric, by_class.title)
    domains = list(dict.fromkeys(scores.domain for scores in tested))
    parts = [_step_lines(tested, noun, metric, _group_columns(tested, scoring))]
    for domain in domains:
        of_domain = [scores for scores in tested if scores.domain == domain]
        parts.append(
            _class_lines(of_domain, classes, noun, (metric, title if domain is None else f"{title} in {domain}"))
        )
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _group_columns(tested: Sequence[Scores], scoring: Scoring) -> list[tuple[str, str]]:
    """Return metric and group of the columns of a method's group tables, besides those of mIoU."""
    metrics = [table.metric for table in scoring.tables if table.by == "group" and table.metric not in _MEANS]
    groups = dict.fromkeys(one.group for scores in tested for one in scores.scores if one.metric in metrics)
    return [(metric, group) for metric in metrics for group in groups if group is not None]


def _step_lines(tested: Sequence[Scores], noun: str, by_class: str, of_groups: Sequence[tuple[str, str]]) -> list[str]:
    means = [("miou", group) for group in _GROUPS]
    if any(one.metric == by_class and one.value is None for scores in tested for one in scores.scores):
        means.append(("miou_present", "all"))
    means += of_groups
    overall = dict.fromkeys(
        one.metric for scores in tested for one in scores.scores if one.class_id is None and one.group is None
    )
    header = [
        noun,
        "tested on",
        *(_MEANS.get(metric, f"{metric} {{}}").format(group) for metric, group in means),
        *overall,
        "forgetting",
    ]
    lost = {domain: _lost(tested, domain, by_class) for domain in {scores.domain for scores in tested}}
    rows = [
        [
            str(scores.step),
            scores.domain or NOTHING,
            *(_shown(_row(scores, metric, group)) for metric, group in means),
            *(_shown(_row(scores, metric)) for metric in overall),
            lost[scores.domain][scores.step],
        ]
        for scores in tested
    ]
    told = [column for column in range(len(header)) if any(row[column] != NOTHING for row in rows)]
    return _aligned([[row[column] for column in told] for row in (header, *rows)])


_MEANS = {"miou": "mIoU {}", "miou_present": "mIoU present"}


def _lost(tested: Sequence[Scores], domain: str | None, metric: str) -> dict[int, str]:
    """Return for each step the mean drop of earlier classes from their best score, without the background."""
    steps = [scores for scores in tested if scores.domain == domain]
    classes = [class_id for class_id in _scored_classes(steps, metric) if class_id != BACKGROUND_ID]
    learned: Learned = [_learned(steps, metric, class_id) for class_id in classes]
    if not can_forget(learned):
        return {scores.step: NOTHING for scores in steps}
    values = [[score(scores, metric, class_id=class_id) for class_id in classes] for scores in steps]
    drops = row_means(drop_from_best(np.array(values, dtype=np.float64)))
    return {
        scores.step: NOTHING if np.isnan(drop) else f"{drop:.3f}" for scores, drop in zip(steps, drops, strict=True)
    }


def _class_lines(steps: Sequence[Scores], classes: ClassTable, noun: str, table: tuple[str, str]) -> list[str]:
    """Return the table of a (metric, title); empty if no class has such a score."""
    metric, title = table
    header = [f"{title} of", "learned at", *(f"{noun} {scores.step}" for scores in steps)]
    rows = []
    for class_id in _scored_classes(steps, metric):
        name = "background" if class_id == BACKGROUND_ID else classes.names.get(class_id, str(class_id))
        learned = "" if class_id == BACKGROUND_ID else f"{noun} {_learned(steps, metric, class_id)}"
        rows.append([name, learned, *(_shown(_row(scores, metric, class_id=class_id)) for scores in steps)])
    return _aligned([header, *rows]) if rows else []


def _scored_classes(steps: Iterable[Scores], metric: str) -> list[int]:
    """Return the raw ids of the classes with a score, in order of their first score."""
    scored = (one.class_id for scores in steps for one in scores.scores if one.metric == metric)
    return list(dict.fromkeys(class_id for class_id in scored if class_id is not None))


def _learned(steps: Sequence[Scores], metric: str, class_id: int) -> int:
    return next(scores.step for scores in steps if _row(scores, metric, class_id=class_id) is not None)


def _row(scores: Scores, metric: str, group: str | None = None, class_id: int | None = None) -> Score | None:
    key = (metric, group, class_id)
    return next((one for one in scores.scores if (one.metric, one.group, one.class_id) == key), None)


def _shown(found: Score | None) -> str:
    if found is None:
        return NOTHING
    return UNDEFINED if found.value is None else f"{found.value:.3f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
