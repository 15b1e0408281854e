"""A round that is complete waits a while before it closes by itself, so that its last answer can be taken back.

Rounds that wait at the upgrade get the grace that streams have by default.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels: str | None = None
depends_on: str | None = None

GRACE_S = 30.0


def upgrade() -> None:
    with op.batch_alter_table("query_batch") as batch:
        batch.add_column(sa.Column("grace_s", sa.Double(), nullable=False, server_default=str(GRACE_S)))
        batch.add_column(sa.Column("open_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("query_batch") as batch:
        batch.alter_column("grace_s", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("query_batch") as batch:
        batch.drop_column("open_until")
        batch.drop_column("grace_s")
