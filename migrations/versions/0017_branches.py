"""A run may share the first stages of another run by reference (EXP-19)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("run", sa.Column("branched_from", sa.String(), nullable=True))
    op.create_index(op.f("ix_run_branched_from"), "run", ["branched_from"])
    op.add_column("stage", sa.Column("shared_stage_id", sa.String(), nullable=True))
    op.create_index(op.f("ix_stage_shared_stage_id"), "stage", ["shared_stage_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_stage_shared_stage_id"), table_name="stage")
    op.drop_column("stage", "shared_stage_id")
    op.drop_index(op.f("ix_run_branched_from"), table_name="run")
    op.drop_column("run", "branched_from")
