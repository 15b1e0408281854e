"""An answer keeps where the label of each pixel comes from, and what each of its regions took."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels: str | None = None
depends_on: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTS = ("person_pixels", "model_pixels", "assisted_pixels")


def upgrade() -> None:
    with op.batch_alter_table("annotation") as batch:
        for name in COUNTS:
            batch.add_column(sa.Column(name, BIG, nullable=True))
        batch.add_column(sa.Column("sources_sha256", sa.String(), nullable=True))
        batch.add_column(sa.Column("regions", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("draft") as batch:
        batch.add_column(sa.Column("regions", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("draft_tile") as batch:
        batch.add_column(sa.Column("sources", sa.LargeBinary(), nullable=True))
    for table in ("annotation", "draft"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("regions", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("draft_tile") as batch:
        batch.drop_column("sources")
    with op.batch_alter_table("draft") as batch:
        batch.drop_column("regions")
    with op.batch_alter_table("annotation") as batch:
        for name in ("regions", "sources_sha256", *COUNTS):
            batch.drop_column(name)
