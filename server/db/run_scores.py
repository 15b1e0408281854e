"""Last and best score of a run, kept with it so that lists never read its evaluations (MET-4)."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.db.models import Evaluation, Run, Score

METRIC, GROUP = "miou", "all"


def keep_scores(session: Session, run_id: str) -> None:
    """Bring a run's last and best mIoU up to date; call it in the transaction that changes its evaluations.

    Those of `main_split` count: a stage may test a second network, such as the student beside its teacher.
    """
    statement = (
        select(Score.value)
        .join(Evaluation, Score.evaluation_id == Evaluation.id)
        .where(Score.run_id == run_id, Score.metric == METRIC, Score.group == GROUP)
        .where(Evaluation.split == main_split(session, run_id))
    )
    values = session.scalars(statement.order_by(Score.step, Score.id)).all()
    best = max((value for value in values if value is not None), default=None)
    kept = {"last_score": values[-1] if values else None, "best_score": best}
    session.execute(update(Run).where(Run.id == run_id).values(kept).execution_options(synchronize_session=False))


def main_split(session: Session, run_id: str) -> str | None:
    """Return the split that stands for a run: that of its first evaluation; None where nothing was tested yet."""
    first = select(Evaluation.split).where(Evaluation.run_id == run_id).order_by(Evaluation.step, Evaluation.id)
    return session.scalar(first.limit(1))
