"""Compare runs and experiments on one task stream (EXP-16, MET-9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy.orm import Session

from core.metrics.over_seeds import Value, is_defined, over_seeds, paired_difference
from server.schemas.comparison import ComparedMember, ComparedTable, Comparison, Differences
from server.schemas.results import Difference, ScoreTableHead
from server.services.experiments.classes import stored_classes
from server.services.results.aggregated import table_cells, table_heads
from server.services.results.compared import Compared
from server.services.results.experiment_results import warnings_of
from server.services.results.facts import fact_rows
from server.services.results.measures import Measures, measures_of
from server.services.results.members import Member, seed_runs
from server.services.results.references import reference_rows
from server.services.results.setting_rows import setting_rows
from server.services.results.stream_identity import stream_digest
from server.services.scores.rule_in_words import rule_in_words


def comparison(session: Session, compared: Compared, *, has_equal: bool) -> Comparison:
    """Return the comparison; settings that are equal in all members only on demand."""
    members, baseline = compared.members, compared.baseline
    measures = measures_of(session, members)
    definition = members[0].definition
    return Comparison(
        stream_digest=stream_digest(definition),
        dataset=definition.dataset,
        stream=definition.stream,
        split=next((member.split for member in members if member.split is not None), None),
        members=[_shown(member, label) for member, label in zip(members, compared.labels, strict=True)],
        baseline=baseline,
        settings=setting_rows(
            [member.definition.resolved for member in members], base=baseline or 0, has_equal=has_equal
        ),
        facts=fact_rows(session, members),
        measures=measures.measures,
        summary=[measures.summary(member) for member in members],
        differences=None if baseline is None else [_final(measures, members[baseline], member) for member in members],
        tables=[_table(members, head, baseline) for head in table_heads(members)],
        references=reference_rows(session, members, measures, compared.split),
        warnings=list(_warnings(session, compared)),
    )


def difference(values: Mapping[int, Value], base: Mapping[int, Value]) -> Difference | None:
    """Return the difference of a score to the base line's; None if either was not tested.

    Args:
        values: seed -> value.
        base: seed -> value of the base line.
    """
    if not values or not base:
        return None
    mean, other = over_seeds(values.values()).mean, over_seeds(base.values()).mean
    paired = paired_difference(values, base)
    of_means = mean - other if is_defined(mean) and is_defined(other) else None
    return Difference(of_means=of_means, mean=paired.mean, std=paired.std, n=paired.n)


def _shown(member: Member, label: str) -> ComparedMember:
    definition = member.definition
    return ComparedMember(
        kind="run" if member.is_run else "experiment",
        key=member.key,
        label=label,
        name=definition.name,
        digest=definition.digest,
        experiment_id=definition.id,
        method=definition.method,
        preset=definition.preset,
        runs=seed_runs(member),
        seeds=[one.run.seed for one in member.counted],
        reached=member.reached,
        warnings=list(warnings_of(member)),
    )


def _final(measures: Measures, base: Member, member: Member) -> Differences:
    """Return the differences after the step that both have reached; None for the base line itself."""
    if member is base or member.reached.step != base.reached.step:
        return [None] * len(measures.sources)
    return [difference(measures.by_seed(member, source), measures.by_seed(base, source)) for source in measures.sources]


def _table(members: Sequence[Member], head: ScoreTableHead, baseline: int | None) -> ComparedTable:
    return ComparedTable(
        **dict(head),
        cells=[table_cells(member, head) for member in members],
        differences=None if baseline is None else [_less(head, members[baseline], member) for member in members],
    )


def _less(head: ScoreTableHead, base: Member, member: Member) -> list[Differences]:
    return [
        [
            None
            if member is base
            else difference(*(of_cell(one, head.key, step, column.key) for one in (member, base)))
            for column in head.columns
        ]
        for step in head.steps
    ]


def of_cell(member: Member, table: str, step: int, column: str) -> Mapping[int, Value]:
    """Return seed -> value of one cell, for the counted runs that tested it."""
    return {
        one.run.seed: one.tables[table].cells[step, column]
        for one in member.counted
        if table in one.tables and (step, column) in one.tables[table].cells
    }


def _warnings(session: Session, compared: Compared) -> Iterator[str]:
    """Yield what makes the comparison less than fair."""
    members = compared.members
    for member, label in zip(members, compared.labels, strict=True):
        if not member.reached.is_final:
            where = (
                "has not been tested yet" if member.reached.step is None else f"stands at step {member.reached.step}"
            )
            yield f"{label} has not finished: it {where}"
    rules = {
        label: rule_in_words(session, member.runs[0].run.id, stored_classes(member.definition.class_table))
        for member, label in zip(members, compared.labels, strict=True)
        if member.runs
    }
    if len(set(rules.values())) > 1:
        yield "models were tested by different rules: " + "; ".join(f"{label}: {rule}" for label, rule in rules.items())
