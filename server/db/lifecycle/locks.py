"""Row locks, always taken in the order run, stage, attempt, so that no two transactions wait for each other.

SQLite takes its write lock at the start of the transaction; there these functions only read the rows again.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.db.models import Attempt, Run, Stage

Row = TypeVar("Row", Run, Stage, Attempt)


def lock_run(session: Session, run_id: str) -> Run | None:
    """Lock and return a run."""
    return _locked(session, select(Run).where(Run.id == run_id))


def lock_run_of_stage(session: Session, stage_id: str) -> Run | None:
    """Lock and return the run of a stage."""
    return _locked(session, select(Run).join(Run.stages).where(Stage.id == stage_id))


def lock_stages(session: Session, run: Run) -> list[Stage]:
    """Return the stages of a locked run in order, read again from the database."""
    statement = select(Stage).where(Stage.run_id == run.id).order_by(Stage.index)
    return list(session.scalars(_fresh(statement)).all())


def lock_attempt(session: Session, attempt_id: str) -> tuple[Run, Stage, Attempt] | None:
    """Lock and return an attempt with its stage and run."""
    run = _locked(session, select(Run).join(Run.stages).join(Stage.attempts).where(Attempt.id == attempt_id))
    if run is None:
        return None
    attempt = _locked(session, select(Attempt).where(Attempt.id == attempt_id))
    stage = session.scalars(_fresh(select(Stage).join(Stage.attempts).where(Attempt.id == attempt_id))).one()
    return (run, stage, attempt) if attempt is not None else None


def _locked(session: Session, statement: Select[Row]) -> Row | None:
    # FOR NO KEY UPDATE: other transactions can still insert rows that refer to this one.
    model = statement.column_descriptions[0]["entity"]
    return session.scalars(_fresh(statement).with_for_update(key_share=True, of=model)).unique().one_or_none()


def _fresh(statement: Select[Row]) -> Select[Row]:
    return statement.execution_options(populate_existing=True)
