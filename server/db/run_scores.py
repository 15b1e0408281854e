"""Last and best score of a run, stored in its row so that lists never read its evaluations (MET-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from statistics import fmean

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.methods.catalog import scoring_of
from core.methods.scoring import Headline
from server.db.models import Evaluation, Experiment, Run, Score, Stage
from server.db.shared_stages import OWNER, is_of_run


def keep_scores(session: Session, run_id: str) -> float | None:
    """Update a run's last and best headline score; call it in the transaction that changes its evaluations.

    Returns:
        The last score; None if it is undefined, or nothing was tested.
    """
    headline = headline_of(session, run_id)
    values = list(headline_by_step(session, run_id, headline, main_split(session, run_id)).values())
    defined = [value for value in values if value is not None]
    best = min if headline.direction == "min" else max
    kept = {"last_score": values[-1] if values else None, "best_score": best(defined, default=None)}
    session.execute(update(Run).where(Run.id == run_id).values(kept).execution_options(synchronize_session=False))
    return kept["last_score"]


def last_steps(session: Session, run_ids: Collection[str]) -> dict[str, int]:
    """Return run id -> the last tested step, of those runs that were tested."""
    statement = (
        select(Stage.run_id, func.max(Evaluation.step))
        .join(Evaluation, Evaluation.stage_id == OWNER)
        .where(Stage.run_id.in_(run_ids))
        .group_by(Stage.run_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def headline_of(session: Session, run_id: str) -> Headline:
    """Return the headline of a run's method."""
    method = select(Experiment.method).join(Run, Run.experiment_id == Experiment.id).where(Run.id == run_id)
    return scoring_of(session.scalars(method).one()).headline


def headline_by_step(session: Session, run_id: str, headline: Headline, split: str | None) -> dict[int, float | None]:
    """Return the headline score of each tested step, in order; None if it is undefined.

    If a step was tested on several domains, take the score of the evaluation on all domains together. Without one, take
    the mean over the domains with a defined score.
    """
    statement = (
        select(Evaluation.step, Evaluation.domain, Score.value)
        .join(Score, Score.evaluation_id == Evaluation.id)
        .where(is_of_run(Evaluation.stage_id, run_id), Evaluation.split == split)
        .where(Score.metric == headline.metric, Score.class_id.is_(None))
        .where(Score.group.is_not_distinct_from(headline.group))
        .order_by(Evaluation.step, Evaluation.attempt_number, Evaluation.id)
    )
    by_step: dict[int, dict[str | None, float | None]] = defaultdict(dict)
    for step, domain, value in session.execute(statement):
        by_step[step][domain] = value
    return {step: _of_domains(values) for step, values in by_step.items()}


def _of_domains(values: dict[str | None, float | None]) -> float | None:
    if None in values:
        return values[None]
    defined = [value for value in values.values() if value is not None]
    return fmean(defined) if defined else None


def main_split(session: Session, run_id: str) -> str | None:
    """Return the main split of a run: the split of its first evaluation; None if nothing was tested yet.

    Other splits exist because a stage may test a second network, such as the student beside its teacher.
    """
    first = (
        select(Evaluation.split).where(is_of_run(Evaluation.stage_id, run_id)).order_by(Evaluation.step, Evaluation.id)
    )
    return session.scalar(first.limit(1))
