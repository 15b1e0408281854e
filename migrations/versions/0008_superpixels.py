"""Queries that people answer have superpixels in three sizes; those of earlier versions have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels: str | None = None
depends_on: str | None = None

COLUMNS = ("superpixels_fine_sha256", "superpixels_medium_sha256", "superpixels_coarse_sha256")


def upgrade() -> None:
    with op.batch_alter_table("query") as batch:
        for name in COLUMNS:
            batch.add_column(sa.Column(name, sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("query") as batch:
        for name in COLUMNS:
            batch.drop_column(name)
