"""The list of runs in groups, with the headline score of each as mean and deviation (EXP-15)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session

from core.methods.catalog import scoring_of
from server.db.models import Experiment, Run, Tag
from server.db.states import RunState
from server.schemas.run_groups import MAX_GROUPS, GroupScore, RunGroup, RunGroupBy, RunGroups, RunGroupsQuery
from server.services.runs.filters import conditions

_SHARED: dict[RunGroupBy, ColumnElement[Any]] = {
    RunGroupBy.EXPERIMENT: Experiment.digest.expression,
    RunGroupBy.METHOD: Experiment.method.expression,
    RunGroupBy.DATASET: Experiment.dataset.expression,
    RunGroupBy.TAG: Tag.key + func.coalesce("=" + Tag.value, ""),
}

_Counts = Row[*tuple[Any, ...]]
"""(key, title, method, state, runs, defined scores, their sum, the sum of their squares) of some runs."""


@dataclass
class _Sums:
    """What a mean and a deviation follow from."""

    runs: int = 0
    n: int = 0
    total: float = 0.0
    squares: float = 0.0


def grouped(session: Session, query: RunGroupsQuery) -> RunGroups:
    """Return the groups of the runs that pass the filters; the database counts, so that 100,000 runs are one answer."""
    key = _SHARED[query.by]
    shared = select(
        key.label("key"),
        func.max(Experiment.name).label("title"),
        Experiment.method,
        Run.state,
        func.count().label("runs"),
        func.count(Run.last_score).label("defined"),
        func.sum(Run.last_score).label("total"),
        func.sum(Run.last_score * Run.last_score).label("squares"),
    ).join(Experiment, Experiment.id == Run.experiment_id)
    if query.by is RunGroupBy.TAG:
        shared = shared.join(Tag, Tag.experiment_id == Experiment.id)
    statement = shared.where(*conditions(query)).group_by(key, Experiment.method, Run.state)
    by_key: dict[str, list[_Counts]] = defaultdict(list)
    for row in session.execute(statement):
        by_key[row.key].append(row)
    groups = [_group(found, rows, query.by) for found, rows in by_key.items()]
    groups.sort(key=lambda group: (-group.runs, group.title, group.key))
    return RunGroups(items=groups[:MAX_GROUPS], total=len(groups))


def _group(key: str, rows: Sequence[_Counts], by: RunGroupBy) -> RunGroup:
    states: dict[RunState, int] = defaultdict(int)
    for row in rows:
        states[RunState(row.state)] += row.runs
    title = max(row.title for row in rows) if by is RunGroupBy.EXPERIMENT else key
    return RunGroup(key=key, title=title, runs=sum(states.values()), states=dict(states), scores=list(_scores(rows)))


def _scores(rows: Sequence[_Counts]) -> Iterable[GroupScore]:
    """Yield one score for each headline; a score of a run that has not succeeded is of an earlier step, and in none."""
    by_headline: dict[str, _Sums] = defaultdict(_Sums)
    for row in rows:
        if row.state == RunState.SUCCEEDED:
            sums = by_headline[scoring_of(row.method).headline.title]
            sums.runs += row.runs
            sums.n += row.defined
            sums.total += row.total or 0.0
            sums.squares += row.squares or 0.0
    for name, sums in sorted(by_headline.items()):
        yield GroupScore(name=name, mean=_mean(sums), std=_std(sums), n=sums.n, undefined=sums.runs - sums.n)


def _mean(sums: _Sums) -> float | None:
    return sums.total / sums.n if sums.n > 0 else None


def _std(sums: _Sums) -> float | None:
    if sums.n < 2:
        return None
    # Rounding can leave a little less than nothing for equal scores.
    return math.sqrt(max(0.0, sums.squares - sums.total**2 / sums.n) / (sums.n - 1))
