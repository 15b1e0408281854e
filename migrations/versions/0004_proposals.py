"""The teacher's map of a query is its proposal; a draft is a person's unfinished work alone."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE query RENAME COLUMN draft_sha256 TO proposal_sha256")


def downgrade() -> None:
    op.execute("ALTER TABLE query RENAME COLUMN proposal_sha256 TO draft_sha256")
