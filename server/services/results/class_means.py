"""Means over groups of classes for a run that learned all of them at once.

A joint training has no old and new classes. Papers compare it by the means of its scores over the classes that are old
and new to the continual runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from core.metrics.iou import harmonic_mean, step_group
from core.metrics.over_seeds import Value, is_defined
from core.stage.events import BACKGROUND_ID
from server.schemas.results import ScoreTableHead
from server.services.results.members import MemberRun

OF_CLASSES: Mapping[str, tuple[str, Value]] = {"miou_present": ("iou", None), "miou": ("iou", 0.0)}
"""Metric of a mean -> metric of its classes, and the value of a class that no test image shows; None leaves it out."""


@dataclass(frozen=True)
class ClassGroups:
    """The columns of the classes of each group, as the continual runs learn them.

    Attributes:
        groups: `all`, `old`, `new` or `step-j` -> keys of the columns in a table of classes.
    """

    groups: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, heads: Sequence[ScoreTableHead]) -> ClassGroups:
        """Return the groups of the classes in tables of all domains together; see `core.metrics.iou.class_groups`."""
        groups: dict[str, list[str]] = {"all": [], "old": [], "new": []}
        for column in next((head.columns for head in heads if head.kind == "class" and head.domain is None), []):
            if column.kind != "class":
                continue
            step = column.step_learned
            groups["all"].append(column.key)
            groups["old" if column.class_id == BACKGROUND_ID or step == 0 else "new"].append(column.key)
            if step is not None:
                groups.setdefault(step_group(step), []).append(column.key)
        return cls(groups)

    def mean(self, run: MemberRun, step: int, metric: str, group: str) -> Value:
        """Return a run's mean over a group after a step; None where nothing is defined or known of it."""
        if group == "harmonic":
            old, new = (self.mean(run, step, metric, part) for part in ("old", "new"))
            return harmonic_mean(old, new) if is_defined(old) and is_defined(new) else None
        of_class, absent = OF_CLASSES.get(metric, ("", None))
        table = run.tables.get(f"{of_class}/class")
        if table is None or group not in self.groups:
            return None
        values = [table.cells.get((step, key)) for key in self.groups[group]]
        defined = [absent if value is None else value for value in values]
        known = [value for value in defined if is_defined(value)]
        return fmean(known) if known else None
