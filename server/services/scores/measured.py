"""Scores of the evaluations of one split, as tables of step × column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.metrics.continual import Table
from server.db.models import Evaluation, Score
from server.db.shared_stages import is_of_run

Key = tuple[str, str | None, int | None]
"""Metric, group and class of a score."""


@dataclass(frozen=True)
class Tested:
    """One evaluation and its scores; None means undefined, and scores that were not requested are missing."""

    evaluation_id: str
    stage_id: str
    values: dict[Key, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """The evaluations of a run on one split: the newest attempt for each step and domain."""

    tested: dict[tuple[int, str | None], Tested]

    @property
    def steps(self) -> list[int]:
        """The tested steps, ascending."""
        return sorted({step for step, _ in self.tested})

    @property
    def domains(self) -> list[str | None]:
        """The tested domains in the order of their first evaluation; None stands for evaluations without one."""
        return list(dict.fromkeys(domain for _, domain in self.tested))

    def at(self, step: int, domain: str | None) -> Tested:
        """Return a step's evaluation on the domain, or on any domain if that one was not tested at the step."""
        known = self.tested.get((step, domain))
        return known or next(tested for (other, _), tested in self.tested.items() if other == step)

    def table(self, domain: str | None, keys: Sequence[Key]) -> Table:
        """Return a domain's scores, (T, keys); NaN where undefined or not measured."""
        return self.places_table([(domain, key) for key in keys])

    def places_table(self, places: Sequence[tuple[str | None, Key]]) -> Table:
        """Return scores of several domains, (T, places); NaN where undefined or not measured."""
        rows = [[self.value(step, domain, key) for domain, key in places] for step in self.steps]
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(places))

    def value(self, step: int, domain: str | None, key: Key) -> float | None:
        """Return one score; None where undefined or not measured."""
        tested = self.tested.get((step, domain))
        return None if tested is None else tested.values.get(key)

    def column(self, domain: str | None, key: Key) -> Iterator[tuple[int, float | None]]:
        """Yield (step, value) of one score for the steps that measured it; None where undefined."""
        for (step, other), tested in self.tested.items():
            if other == domain and key in tested.values:
                yield step, tested.values[key]

    def is_undefined(self, step: int, domain: str | None, key: Key) -> bool:
        """Return whether a score was requested, but there was nothing to measure."""
        tested = self.tested.get((step, domain))
        return tested is not None and tested.values.get(key, 0.0) is None

    def has(self, domain: str | None, key: Key) -> bool:
        """Return whether any step has a score; undefined scores count."""
        return any(key in tested.values for (_, other), tested in self.tested.items() if other == domain)

    def classes(self, domain: str | None, metric: str) -> set[int]:
        """Return the raw ids of the classes for which a domain has a score; undefined scores count."""
        return {
            class_id
            for (_, other), tested in self.tested.items()
            if other == domain
            for name, _, class_id in tested.values
            if name == metric and class_id is not None
        }


def measured(session: Session, run_id: str, split: str | None, metrics: Collection[str]) -> Measured:
    """Return the scores of the given metrics in a run's evaluations of a split."""
    of_split = (is_of_run(Evaluation.stage_id, run_id), Evaluation.split == split)
    order = (Evaluation.step, Evaluation.attempt_number, Evaluation.id)
    columns = (Evaluation.id, Evaluation.stage_id, Evaluation.step, Evaluation.domain)
    tested: dict[tuple[int, str | None], Tested] = {}
    for evaluation_id, stage_id, step, domain in session.execute(select(*columns).where(*of_split).order_by(*order)):
        tested[step, domain] = Tested(evaluation_id, stage_id)
    by_id = {one.evaluation_id: one for one in tested.values()}
    scores = (
        select(Score.evaluation_id, Score.metric, Score.group, Score.class_id, Score.value)
        .join(Evaluation, Score.evaluation_id == Evaluation.id)
        .where(*of_split, Score.metric.in_(metrics))
    )
    for evaluation_id, metric, group, class_id, value in session.execute(scores):
        if evaluation_id in by_id:
            by_id[evaluation_id].values[metric, group, class_id] = value
    return Measured(tested)
