"""Find runs that a new run would repeat (EXP-11)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.models import Experiment, Run
from server.schemas.experiments import DuplicateRun

MOST_DUPLICATES = 200


def duplicates_of(session: Session, digest: str) -> list[DuplicateRun]:
    """Return the newest runs whose experiments resolve to the same configuration, except deleted runs."""
    statement = (
        select(Run.id.label("run_id"), Experiment.name.label("experiment_name"), Run.seed, Run.state, Run.created_at)
        .join(Experiment, Run.experiment_id == Experiment.id)
        .where(Experiment.digest == digest, Run.deleted_at.is_(None))
        .order_by(Run.id.desc())
        .limit(MOST_DUPLICATES)
    )
    return [DuplicateRun.model_validate(row) for row in session.execute(statement)]
