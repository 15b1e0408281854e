"""A run that came as an archive of another service keeps the id that it had there (IO-6)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("run", sa.Column("imported_from", sa.String(), nullable=True))
    op.create_index(op.f("ix_run_imported_from"), "run", ["imported_from"])


def downgrade() -> None:
    op.drop_index(op.f("ix_run_imported_from"), table_name="run")
    op.drop_column("run", "imported_from")
