"""Stages with their attempts and history."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from server.db.models import Attempt, Run, Stage, Transition
from server.db.shared_stages import OWNER
from server.errors import NotFoundError
from server.schemas.stages import AttemptDetail, OutputFile, StageDetail, TransitionEntry
from server.services.runs import runs
from server.services.runs.lineage import shared_stages
from server.services.runs.views import stage_fields

HISTORY_LIMIT = 500


def show(session: Session, stage_id: str) -> StageDetail:
    """Return one stage in full; raises NotFoundError."""
    stage = session.get(Stage, stage_id, options=[selectinload(Stage.attempts)])
    if stage is None:
        raise NotFoundError("stage", stage_id)
    runs.require(session, stage.run_id)
    seed = session.scalars(select(Run.seed).where(Run.id == stage.run_id)).one()
    fields = stage_fields(stage, seed, shared_stages(session, [stage]).get(stage.id))
    fields["attempts"] = [AttemptDetail.model_validate(attempt) for attempt in stage.attempts]
    return StageDetail(
        **fields,
        inputs=stage.spec.get("inputs", {}),
        outputs=[
            OutputFile(output=output, path=path, **file)
            for output, files in (stage.outputs or {}).items()
            for path, file in files.items()
        ],
        history=_history(session, stage),
    )


def require(session: Session, stage_id: str) -> None:
    """Raise NotFoundError when there is no such stage, or its run is deleted."""
    run_id = session.scalar(select(Stage.run_id).where(Stage.id == stage_id))
    if run_id is None:
        raise NotFoundError("stage", stage_id)
    runs.require(session, run_id)


def find_attempt(session: Session, stage_id: str, number: int | None) -> Attempt | None:
    """Return an attempt by its number, or the latest; None when the stage was never attempted.

    A shared stage has the attempts of the stage that it stands for.

    Raises:
        NotFoundError: when there is no such stage, or no attempt of this number.
    """
    require(session, stage_id)
    owner = select(OWNER).where(Stage.id == stage_id).scalar_subquery()
    statement = select(Attempt).where(Attempt.stage_id == owner).order_by(Attempt.number.desc())
    if number is not None:
        statement = statement.where(Attempt.number == number)
    attempt = session.scalars(statement.limit(1)).first()
    if attempt is None and number is not None:
        raise NotFoundError("attempt", number, f" at stage {stage_id}")
    return attempt


def _history(session: Session, stage: Stage) -> list[TransitionEntry]:
    subjects = [stage.id, *(attempt.id for attempt in stage.attempts)]
    statement = select(Transition).where(Transition.subject_id.in_(subjects)).order_by(Transition.id.desc())
    rows = session.scalars(statement.limit(HISTORY_LIMIT)).all()
    return [TransitionEntry.model_validate(row) for row in reversed(rows)]
