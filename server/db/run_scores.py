"""Last and best score of a run, kept with it so that lists never read its evaluations (MET-4)."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.db.models import Run, Score

METRIC, GROUP = "miou", "all"


def keep_scores(session: Session, run_id: str) -> None:
    """Bring a run's last and best mIoU up to date; call it in the transaction that changes its evaluations."""
    statement = select(Score.value).where(Score.run_id == run_id, Score.metric == METRIC, Score.group == GROUP)
    values = session.scalars(statement.order_by(Score.step, Score.id)).all()
    best = max((value for value in values if value is not None), default=None)
    kept = {"last_score": values[-1] if values else None, "best_score": best}
    session.execute(update(Run).where(Run.id == run_id).values(kept).execution_options(synchronize_session=False))
