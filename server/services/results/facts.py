"""What was recorded of the members besides their settings: preset, code, data, environment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.models import Attempt, Stage
from server.schemas.comparison import FactRow
from server.services.results.members import Member
from server.services.results.stream_identity import stream_digest

Facts = Mapping[tuple[str, str], str | None]
"""(section, name) -> text."""


def fact_rows(session: Session, members: Sequence[Member]) -> list[FactRow]:
    """Return one row for each fact that is known of a member."""
    known = [_facts(session, member) for member in members]
    names = dict.fromkeys(name for facts in known for name in facts)
    rows = []
    for section, name in names:
        values = [facts.get((section, name)) for facts in known]
        is_equal = len(set(values)) == 1
        rows.append(FactRow.model_validate({"section": section, "name": name, "values": values, "is_equal": is_equal}))
    return rows


def _facts(session: Session, member: Member) -> Facts:
    definition = member.definition
    version = definition.preset_version
    facts: dict[tuple[str, str], str | None] = {
        ("definition", "method"): definition.method,
        ("definition", "preset"): definition.preset,
        ("definition", "preset version"): None if version is None else str(version),
        ("definition", "seeds"): _joined(str(one.run.seed) for one in member.counted),
        ("code", "code version"): _joined(sorted({name for one in member.counted for name in one.code_versions})),
        ("data", "dataset"): definition.dataset,
        ("data", "stream digest"): stream_digest(definition),
    }
    return {**facts, **_environment(session, member)}


def _environment(session: Session, member: Member) -> Facts:
    statement = (
        select(Attempt.device, Attempt.worker_id, Attempt.parameters, Attempt.deviations)
        .join(Stage, Stage.id == Attempt.stage_id)
        .where(Stage.run_id.in_([one.run.id for one in member.counted]))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for device, worker_id, parameters, deviations in session.execute(statement):
        found["device"] |= {device} if device else set()
        found["host"].add(worker_id.partition("@")[2].partition(":")[0] or worker_id)
        found["parameters of the model"] |= {str(parameters)} if parameters else set()
        found["deviations at run time"] |= set(map(str, deviations))
    return {("environment", name): _joined(sorted(values)) for name, values in found.items()}


def _joined(values: Iterable[str]) -> str | None:
    return ", ".join(values) or None
