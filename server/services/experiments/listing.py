"""The list of experiments: definitions that resolve to one configuration are one line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core.methods.catalog import scoring_of
from core.metrics.over_seeds import over_seeds
from server.db.models import Experiment, Run
from server.db.states import RunState
from server.schemas.experiments import ExperimentSummary
from server.schemas.page import Page
from server.schemas.results import Statistic
from server.services.experiments.tags import tags_of
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.runs.order import AnyRow


def list_page(session: Session, *, method: str | None, cursor: str | None, limit: int) -> Page[ExperimentSummary]:
    """Return one page of experiments by their newest definitions, newest first."""
    before = decode_cursor("experiments", cursor, (str,))
    newer = aliased(Experiment)
    has_newer = select(newer.id).where(newer.digest == Experiment.digest, newer.id > Experiment.id).exists()
    columns = (Experiment.id, Experiment.name, Experiment.method, Experiment.preset, Experiment.digest)
    shown = (*columns, Experiment.dataset, Experiment.stream, Experiment.created_at)
    statement = select(*shown).where(~has_newer).order_by(Experiment.id.desc())
    if method is not None:
        statement = statement.where(Experiment.method == method)
    if before is not None:
        statement = statement.where(Experiment.id < before[0])
    rows, last = split_page(session.execute(statement.limit(limit + 1)).all(), limit)
    tags = tags_of(session, [row.id for row in rows])
    digests = [row.digest for row in rows]
    definitions, runs = _definitions(session, digests), _runs(session, digests)
    return Page(
        items=[
            ExperimentSummary(
                **row._mapping,
                tags=tags.get(row.id, []),
                definitions=definitions[row.digest],
                score_name=scoring_of(row.method).headline.title,
                **_of_runs(runs[row.digest]),
            )
            for row in rows
        ],
        next_cursor=encode_cursor("experiments", (last.id,)) if last else None,
    )


def _definitions(session: Session, digests: Sequence[str]) -> Counter[str]:
    counted = select(Experiment.digest, func.count()).where(Experiment.digest.in_(digests)).group_by(Experiment.digest)
    return Counter({digest: int(count) for digest, count in session.execute(counted)})


def _runs(session: Session, digests: Sequence[str]) -> Mapping[str, list[AnyRow]]:
    statement = (
        select(Experiment.digest, Run.id, Run.seed, Run.state, Run.last_score, Run.is_archived, Run.created_at)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(Experiment.digest.in_(digests), Run.deleted_at.is_(None))
        .order_by(Run.seed, Run.id)
    )
    found: dict[str, list[AnyRow]] = defaultdict(list)
    for row in session.execute(statement):
        found[row.digest].append(row)
    return found


def _of_runs(runs: Sequence[AnyRow]) -> dict[str, Any]:
    return {
        "runs": len(runs),
        "seeds": sorted({row.seed for row in runs}),
        "states": {RunState(state): count for state, count in Counter(row.state for row in runs).items()},
        "score": _score([row for row in runs if row.state == RunState.SUCCEEDED and not row.is_archived]),
        "last_run_at": max((row.created_at for row in runs), default=None),
    }


def _score(succeeded: Iterable[AnyRow]) -> Statistic | None:
    """Return the headline over one run a seed, the newest; None if none has succeeded."""
    by_seed = {row.seed: row.last_score for row in succeeded}
    if not by_seed:
        return None
    found = over_seeds(by_seed.values())
    return Statistic(mean=found.mean, std=found.std, n=found.n, undefined=found.undefined, of=len(by_seed))
