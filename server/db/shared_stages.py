"""Stages that a branch shares with the run that it branched from: read where they are, never copied (EXP-19).

A shared stage is `skipped` and names its owner, a stage that was computed. Every row of a stage's results names the
owner, so a run's results are those of the owners of its stages.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, undefer

from server.db.models import SeriesPoint, Stage

OWNER = func.coalesce(Stage.shared_stage_id, Stage.id)
"""Id of the stage that owns the results of a stage: itself, unless it is shared."""


def owners_of(run_id: str) -> Select[str]:
    """Select the ids of the stages that own the results of a run."""
    # Another name of the table, so that the query can stand inside one that reads stages too.
    stage = aliased(Stage)
    return select(func.coalesce(stage.shared_stage_id, stage.id)).where(stage.run_id == run_id)


def is_of_run(stage_id: InstrumentedAttribute[str], run_id: str) -> ColumnElement[bool]:
    """Return the condition that a row with this stage belongs to a run, or to a stage that the run shares."""
    return stage_id.in_(owners_of(run_id))


def outputs_of(session: Session, run_id: str) -> list[dict[str, Any]]:
    """Return the outputs of each stage of a run, in order; empty while a stage has none."""
    owner = aliased(Stage)
    statement = (
        select(owner)
        .join(Stage, owner.id == OWNER)
        .where(Stage.run_id == run_id)
        .order_by(Stage.index)
        .options(undefer(owner.outputs))
    )
    return [stage.outputs or {} for stage in session.scalars(statement)]


def points_of(session: Session, run_id: str) -> ColumnElement[bool]:
    """Return the condition that a point of a curve belongs to a run, or to a stage that the run shares."""
    points = SeriesPoint.__table__.c
    own = points.run_id == run_id
    owner = aliased(Stage)
    statement = (
        select(owner.run_id, owner.index).join(Stage, Stage.shared_stage_id == owner.id).where(Stage.run_id == run_id)
    )
    shared = session.execute(statement).all()
    return or_(own, *(and_(points.run_id == other, points.stage_index == index) for other, index in shared))
