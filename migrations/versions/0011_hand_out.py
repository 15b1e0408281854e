"""Queries are handed out to several people, each with a state of their own; they comment, and their answers agree.

Who has, has skipped or has answered a query at the upgrade is assigned to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels: str | None = None
depends_on: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

KEEP_WHO_HAS_WHAT = """
    INSERT INTO assignment (query_id, author, stage_id, state, lease_until, version, reason, changed_at)
    SELECT id, author, stage_id, CASE state WHEN 'accepted' THEN 'answered' ELSE state END,
        CASE state WHEN 'leased' THEN lease_until END, CASE state WHEN 'accepted' THEN version ELSE 0 END,
        CASE state WHEN 'skipped' THEN message END,
        (SELECT created_at FROM query_batch WHERE query_batch.stage_id = query.stage_id)
    FROM query WHERE state IN ('leased', 'skipped', 'accepted') AND author IS NOT NULL
"""


def upgrade() -> None:
    _create_tables()
    with op.batch_alter_table("query_batch") as batch:
        batch.add_column(sa.Column("ties", sa.String(), nullable=False, server_default="ignore"))
        batch.add_column(sa.Column("assignment", sa.String(), nullable=False, server_default="pull"))
        batch.add_column(sa.Column("annotators", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("instructions", sa.String(), nullable=True))
        batch.add_column(sa.Column("class_instructions", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("query") as batch:
        batch.add_column(sa.Column("answers_wanted", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("answers", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("annotation") as batch:
        batch.add_column(sa.Column("parents", sa.JSON(), nullable=False, server_default="[]"))
    for table, columns in FILLED.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.alter_column(name, server_default=None)
    op.execute(KEEP_WHO_HAS_WHAT)


FILLED = {
    "query_batch": ("ties", "assignment", "annotators", "class_instructions"),
    "query": ("answers_wanted", "answers"),
    "annotation": ("parents",),
}


def downgrade() -> None:
    with op.batch_alter_table("annotation") as batch:
        batch.drop_column("parents")
    with op.batch_alter_table("query") as batch:
        for name in ("answers", "answers_wanted"):
            batch.drop_column(name)
    with op.batch_alter_table("query_batch") as batch:
        for name in ("class_instructions", "instructions", "annotators", "assignment", "ties"):
            batch.drop_column(name)
    for table in ("agreement", "query_comment", "assignment"):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "assignment",
        sa.Column("query_id", sa.String(), sa.ForeignKey("query.id", ondelete="CASCADE"), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("query_id", "author", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_stage_author_state", "assignment", ["stage_id", "author", "state"])
    op.create_table(
        "query_comment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("query_id", sa.String(), sa.ForeignKey("query.id", ondelete="CASCADE"), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("resolved_by", sa.String(), nullable=True),
        sa.Column("resolved_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query_comment")),
    )
    op.create_index(op.f("ix_query_comment_query_id"), "query_comment", ["query_id"])
    op.create_table(
        "agreement",
        sa.Column("query_id", sa.String(), sa.ForeignKey("query.id", ondelete="CASCADE"), nullable=False),
        sa.Column("first", sa.String(), nullable=False),
        sa.Column("second", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("pixels", BIG, nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("query_id", "first", "second", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_stage_id"), "agreement", ["stage_id"])
