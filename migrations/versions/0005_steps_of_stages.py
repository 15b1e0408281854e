"""Every stage says its step and what its stream calls one; before, both were told from its index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels: str | None = None
depends_on: str | None = None

EXPERIMENT = sa.table(
    "experiment", sa.column("id", sa.String()), sa.column("resolved", sa.JSON()), sa.column("plan", sa.JSON())
)
RUN = sa.table("run", sa.column("id", sa.String()), sa.column("experiment_id", sa.String()))
STAGE = sa.table("stage", sa.column("id", sa.String()), sa.column("run_id", sa.String()), sa.column("spec", sa.JSON()))
ROUNDS = "active_rounds"
STAGES_PER_ROUND = 3


def upgrade() -> None:
    _rewrite(with_step)


def downgrade() -> None:
    _rewrite(without_step)


def with_step(stage: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a planned stage of a stream of this kind with its step: rounds have three stages, steps have one."""
    if kind == ROUNDS:
        return stage | {"step": stage["index"] // STAGES_PER_ROUND, "noun": "round"}
    return stage | {"step": stage["index"], "noun": "step"}


def without_step(stage: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return a planned stage as an older version wrote it."""
    return {name: value for name, value in stage.items() if name not in ("step", "noun")}


def _rewrite(change: Callable[[dict[str, Any], str], dict[str, Any]]) -> None:
    connection = op.get_bind()
    kinds: dict[str, str] = {}
    for experiment in connection.execute(sa.select(EXPERIMENT)).all():
        kinds[experiment.id] = kind = experiment.resolved["stream"].get("kind", "")
        plan = [change(stage, kind) for stage in experiment.plan]
        connection.execute(sa.update(EXPERIMENT).where(EXPERIMENT.c.id == experiment.id).values(plan=plan))
    stages = sa.select(STAGE.c.id, STAGE.c.spec, RUN.c.experiment_id).join_from(STAGE, RUN, RUN.c.id == STAGE.c.run_id)
    for stage in connection.execute(stages).all():
        spec = change(stage.spec, kinds[stage.experiment_id])
        connection.execute(sa.update(STAGE).where(STAGE.c.id == stage.id).values(spec=spec))
