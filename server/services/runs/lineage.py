"""Where runs branched from other runs, and which runs share their stages (EXP-19, EXP-20)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from server.db.models import Experiment, Run, Stage
from server.db.states import RunState
from server.schemas.branches import BranchOrigin, BranchRun, SharedStage

MOST_BRANCHES = 100


@dataclass(frozen=True)
class Lineage:
    """What a run shares with other runs.

    Attributes:
        origin: where it branched; None if it shares nothing.
        branches: the newest runs that branched from it.
        shared: id of a stage -> the stage that it stands for.
    """

    origin: BranchOrigin | None
    branches: Sequence[BranchRun]
    shared: Mapping[str, SharedStage]


def lineage_of(session: Session, run: Run) -> Lineage:
    """Return the lineage of a run whose stages are loaded."""
    return Lineage(_origin(session, run), _branches(session, run.id), shared_stages(session, run.stages))


def shared_stages(session: Session, stages: Collection[Stage]) -> dict[str, SharedStage]:
    """Return id of a stage -> the stage of another run that it stands for; of shared stages only."""
    owners = {stage.id: stage.shared_stage_id for stage in stages if stage.shared_stage_id is not None}
    if not owners:
        return {}
    rows = session.execute(select(Stage.id, Stage.run_id).where(Stage.id.in_(owners.values())))
    runs = {row.id: row.run_id for row in rows}
    return {own: SharedStage(stage_id=owner, run_id=runs[owner]) for own, owner in owners.items()}


def _origin(session: Session, run: Run) -> BranchOrigin | None:
    """Return where a run branched; None for a run that shares nothing. Its stages must be loaded."""
    if run.branched_from is None:
        return None
    parent = session.get_one(Run, run.branched_from)
    return BranchOrigin(
        run_id=parent.id,
        experiment_name=parent.experiment.name,
        method=parent.experiment.method,
        seed=parent.seed,
        after_step=max(stage.spec["step"] for stage in run.stages if stage.shared_stage_id is not None),
    )


def _branches(session: Session, run_id: str) -> list[BranchRun]:
    """Return the newest runs that branched from a run, newest first."""
    return [
        BranchRun(
            run_id=row.id,
            experiment_name=row.name,
            method=row.method,
            after_step=row.spec["step"],
            state=RunState(row.state),
            created_at=row.created_at,
        )
        for row in session.execute(_BRANCHES, {"parent": run_id})
    ]


def _statement() -> Select[Any]:
    shared = aliased(Stage)
    is_shared = (shared.run_id == Run.id, shared.shared_stage_id.is_not(None))
    last_shared = select(func.max(shared.index)).where(*is_shared).scalar_subquery()
    return (
        select(Run.id, Run.state, Run.created_at, Experiment.name, Experiment.method, Stage.spec)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .join(Stage, (Stage.run_id == Run.id) & (Stage.index == last_shared))
        .where(Run.branched_from == bindparam("parent"), Run.deleted_at.is_(None))
        .order_by(Run.id.desc())
        .limit(MOST_BRANCHES)
    )


_BRANCHES = _statement()
"""Built once: every page of a run asks it."""


def sharing_run(session: Session, run_id: str) -> str | None:
    """Return a run, not deleted, that branched from this one or shares a stage of it; None if there is none."""
    owned, sharing = aliased(Stage), aliased(Stage)
    sharing_runs = select(sharing.run_id).join(owned, owned.id == sharing.shared_stage_id).where(owned.run_id == run_id)
    statement = (
        select(Run.id).where(Run.deleted_at.is_(None)).where((Run.branched_from == run_id) | Run.id.in_(sharing_runs))
    )
    return session.scalar(statement.order_by(Run.id).limit(1))


def deleted_origin(session: Session, run: Run) -> str | None:
    """Return a deleted run that a run branched from, or shares stages of; None if there is none."""
    owned, sharing = aliased(Stage), aliased(Stage)
    owning_runs = (
        select(owned.run_id).join(sharing, sharing.shared_stage_id == owned.id).where(sharing.run_id == run.id)
    )
    statement = (
        select(Run.id)
        .where(Run.deleted_at.is_not(None), Run.id != run.id)
        .where((Run.id == run.branched_from) | Run.id.in_(owning_runs))
    )
    return session.scalar(statement.order_by(Run.id).limit(1))


def run_sharing(session: Session, stage_id: str) -> str | None:
    """Return a run, not deleted, that shares a stage; None if there is none."""
    statement = (
        select(Run.id)
        .join(Stage, Stage.run_id == Run.id)
        .where(Stage.shared_stage_id == stage_id, Run.deleted_at.is_(None))
    )
    return session.scalar(statement.order_by(Run.id).limit(1))
