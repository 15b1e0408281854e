"""Runs have a priority; scans of datasets are found in the database and need no message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("run", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index(op.f("ix_dataset_state_sent_at"), table_name="dataset")
    op.create_index(op.f("ix_dataset_state"), "dataset", ["state"])
    with op.batch_alter_table("dataset") as table:
        table.drop_column("sent_at")


def downgrade() -> None:
    with op.batch_alter_table("dataset") as table:
        table.add_column(sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f("ix_dataset_state"), table_name="dataset")
    op.create_index(op.f("ix_dataset_state_sent_at"), "dataset", ["state", "sent_at"])
    op.drop_column("run", "priority")
