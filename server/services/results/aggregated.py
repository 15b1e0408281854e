"""The tables of a member: every score of its counted runs as mean, deviation and number of runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.metrics.over_seeds import SeedStatistic, Value, over_seeds
from server.schemas.results import ScoreColumn, ScoreTable, ScoreTableHead, Statistic
from server.services.results.members import Member, MemberRun
from server.services.results.run_tables import RunTable


def score_tables(member: Member, *, has_values: bool = False) -> list[ScoreTable]:
    """Return the tables of a member's counted runs, in the order of display."""
    heads = table_heads([member])
    return [ScoreTable(**dict(head), cells=table_cells(member, head, has_values=has_values)) for head in heads]


def table_heads(members: Sequence[Member]) -> list[ScoreTableHead]:
    """Return the heads of all tables that a counted run of a member has, with the columns and steps of all of them."""
    found: dict[str, list[RunTable]] = {}
    for one in (one for member in members for one in member.counted):
        for key, table in one.tables.items():
            found.setdefault(key, []).append(table)
    return [_head(tables) for tables in found.values()]


def table_cells(member: Member, head: ScoreTableHead, *, has_values: bool = False) -> list[list[Statistic | None]]:
    """Return the cells of one table for a member; None where none of its runs tested it."""
    return [
        [cell_of(member.counted, head.key, step, column.key, has_values=has_values) for column in head.columns]
        for step in head.steps
    ]


def cell_of(
    runs: Sequence[MemberRun], table: str, step: int, column: str, *, has_values: bool = False
) -> Statistic | None:
    """Return one cell over some runs; None where none of them tested it."""
    cells = [one.tables[table].cells if table in one.tables else {} for one in runs]
    present = [of_run[step, column] for of_run in cells if (step, column) in of_run]
    if not present:
        return None
    values = [of_run.get((step, column)) for of_run in cells] if has_values else None
    return statistic(over_seeds(present), of=len(runs), values=values)


def statistic(found: SeedStatistic, *, of: int, values: list[Value] | None = None) -> Statistic:
    """Return a statistic for an answer."""
    return Statistic(mean=found.mean, std=found.std, n=found.n, undefined=found.undefined, of=of, values=values)


def _head(tables: Sequence[RunTable]) -> ScoreTableHead:
    first = tables[0]
    return ScoreTableHead(
        key=first.key,
        title=first.title,
        metric=first.metric,
        kind=first.kind,
        domain=first.domain,
        direction=first.direction,
        columns=_columns(column for table in tables for column in table.columns),
        steps=sorted({step for table in tables for step, _ in table.cells}),
    )


def _columns(columns: Iterable[ScoreColumn]) -> list[ScoreColumn]:
    """Return each column once, the derived ones last."""
    unique = {column.key: column for column in columns}
    return sorted(unique.values(), key=lambda column: column.kind == "derived")
