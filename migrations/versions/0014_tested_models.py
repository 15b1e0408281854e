"""An experiment that tests a trained model names the stage that trained it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("experiment", sa.Column("tests_stage_id", sa.String(), nullable=True))
    op.create_index(op.f("ix_experiment_tests_stage_id"), "experiment", ["tests_stage_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_experiment_tests_stage_id"), table_name="experiment")
    op.drop_column("experiment", "tests_stage_id")
