"""What was learned and what was forgotten, as plain text: a row for each step and for each class. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.classes import ClassTable
from core.stage.events import BACKGROUND_ID, Scores, read_events
from core.stage.folder import EVENTS_FILE

_GROUPS = ("all", "old", "new", "old_foreground")
NOTHING = "-"


def last_scores(attempt: Path) -> Scores | None:
    """Return the scores that an attempt announced last, if it did, of the split that it announced first.

    The first is the one that counts: a teacher's, before those of its student.
    """
    found: Scores | None = None
    for event, _ in read_events(attempt / EVENTS_FILE):
        if isinstance(event, Scores) and (found is None or event.split == found.split):
            found = event
    return found


def score(scores: Scores, metric: str, *, group: str | None = None, class_id: int | None = None) -> float | None:
    """Return one number of an evaluation, or None where it does not exist."""
    for one in scores.scores:
        if (one.metric, one.group, one.class_id) == (metric, group, class_id):
            return one.value
    return None


def results_table(steps: Sequence[Scores], classes: ClassTable, noun: str = "step") -> str:
    """Return the tables of a run: mIoU of old, new and all classes by step, and IoU of every class by step.

    Columns in which no step has a value are left out.

    Args:
        steps: the evaluation after each step.
        classes: names of the raw ids.
        noun: what a step is called, such as a round.
    """
    return "\n".join([*_step_lines(steps, noun), "", *_class_lines(steps, classes, noun)])


def _step_lines(steps: Sequence[Scores], noun: str) -> list[str]:
    header = [noun, *(f"mIoU {group}" for group in _GROUPS), "forgetting"]
    rows = [
        [
            str(scores.step),
            *(_shown(score(scores, "miou", group=group)) for group in _GROUPS),
            _shown(score(scores, "mean_class_forgetting", group="old")),
        ]
        for scores in steps
    ]
    told = [column for column in range(len(header)) if any(row[column] != NOTHING for row in rows)]
    return _aligned([[row[column] for column in told] for row in (header, *rows)])


def _class_lines(steps: Sequence[Scores], classes: ClassTable, noun: str) -> list[str]:
    header = ["IoU of", "learned at", *(f"{noun} {scores.step}" for scores in steps)]
    order = steps[-1].channels if steps else []
    rows = []
    for class_id in order:
        values = [score(scores, "iou", class_id=class_id) for scores in steps]
        if class_id == BACKGROUND_ID and not any(value is not None for value in values):
            continue
        learned = next(scores.step for scores in steps if class_id in scores.channels)
        name = "background" if class_id == BACKGROUND_ID else classes.names.get(class_id, str(class_id))
        rows.append([name, "" if class_id == BACKGROUND_ID else f"{noun} {learned}", *map(_shown, values)])
    return _aligned([header, *rows])


def _shown(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
