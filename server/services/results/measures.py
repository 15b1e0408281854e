"""Rows of results: one value a measure for each member, after the last step that it has reached (MET-9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.methods.scoring import Scoring
from core.metrics.over_seeds import Value, over_seeds
from server.schemas.results import Measure, ScoreColumn, ScoreTableHead, Statistic, Unit
from server.services.results.aggregated import cell_of, statistic, table_heads
from server.services.results.members import Member
from server.services.results.resources import RESOURCES, Costs, costs_of

_COUNTS = ("aose", "misclassified", "undefined_images", "known_as_unknown")
"""Parts of the names of metrics that count."""


@dataclass(frozen=True)
class MeasureSource:
    """Where the values of a measure are: in a column of a table, or among the costs if `table` is None."""

    measure: Measure
    table: str | None
    column: str


@dataclass(frozen=True)
class Measures:
    """The measures that some members have, and what they cost."""

    sources: Sequence[MeasureSource]
    costs: Costs

    @property
    def measures(self) -> list[Measure]:
        """The columns of a table of results."""
        return [source.measure for source in self.sources]

    def summary(self, member: Member, *, has_values: bool = False) -> list[Statistic | None]:
        """Return the member's value of each measure; None where none of its runs has one."""
        return [self._statistic(member, source, has_values=has_values) for source in self.sources]

    def by_seed(self, member: Member, source: MeasureSource) -> Mapping[int, Value]:
        """Return seed -> value of a measure, for the runs that have one."""
        found = {one.run.seed: self._value(member, source, one.run.id) for one in member.ranked}
        return {seed: value for seed, value in found.items() if value is not None}

    def _value(self, member: Member, source: MeasureSource, run_id: str) -> Value:
        if source.table is None:
            return self.costs[run_id].get(source.column)
        one = next(one for one in member.ranked if one.run.id == run_id)
        table = one.tables.get(source.table)
        step = member.reached.step
        return None if table is None or step is None else table.cells.get((step, source.column))

    def _statistic(self, member: Member, source: MeasureSource, *, has_values: bool) -> Statistic | None:
        runs, step = member.ranked, member.reached.step
        if source.table is not None:
            return None if step is None else cell_of(runs, source.table, step, source.column, has_values=has_values)
        values = [self.costs[one.run.id].get(source.column) for one in runs]
        recorded = [value for value in values if value is not None]
        if not recorded:
            return None
        return statistic(over_seeds(recorded), of=len(runs), values=values if has_values else None)


def measures_of(session: Session, members: Sequence[Member]) -> Measures:
    """Return the measures that at least one member has, in the order of display."""
    costs = costs_of(session, [one.run for member in members for one in member.ranked])
    sources = list(_of_tables(table_heads(members), members[0].scoring))
    recorded = {key for of_run in costs.values() for key in of_run}
    sources += [MeasureSource(RESOURCES[key], None, key) for key in RESOURCES if key in recorded]
    return Measures(sources, costs)


def _of_tables(heads: Sequence[ScoreTableHead], scoring: Scoring) -> Iterator[MeasureSource]:
    chief = _chief_matrix(heads, scoring)
    for head in heads:
        if head.kind == "class" or (head.kind in {"mean", "group"} and head.domain is not None):
            continue
        for column in head.columns:
            measure = Measure(
                key=f"{head.key}:{column.key}",
                title=_title(head, column, scoring),
                meaning=head.title if column.kind != "derived" else f"{column.key.replace('_', ' ')}: {head.title}",
                unit=unit_of(head.metric),
                direction=column.direction,
                is_main=_is_main(head, column, scoring, chief),
            )
            yield MeasureSource(measure, head.key, column.key)


def _chief_matrix(heads: Sequence[ScoreTableHead], scoring: Scoring) -> str | None:
    """Return the key of the matrix whose A, F, B and P stand in short tables."""
    matrices = [head for head in heads if head.kind in {"group", "domain"}]
    of_headline = (head.key for head in matrices if head.metric == scoring.headline.metric)
    return next(of_headline, matrices[0].key if matrices else None)


def _is_main(head: ScoreTableHead, column: ScoreColumn, scoring: Scoring, chief: str | None) -> bool:
    if head.kind == "score":
        return True
    if head.kind == "mean":
        is_headline = head.metric == scoring.headline.metric
        return is_headline and column.key != "all" if len(head.columns) > 1 else not is_headline
    return head.key == chief and column.kind == "derived"


def _title(head: ScoreTableHead, column: ScoreColumn, scoring: Scoring) -> str:
    if head.kind != "mean":
        return column.title
    name = scoring.headline.title if head.metric == scoring.headline.metric else head.metric.replace("_", " ")
    return name if len(head.columns) == 1 else f"{name} {column.title}"


def unit_of(metric: str) -> Unit:
    """Return the unit of a metric: counts of errors are no fractions."""
    return "number" if any(word in metric for word in _COUNTS) else "fraction"
