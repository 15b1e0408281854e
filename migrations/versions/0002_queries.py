"""What rounds of active learning ask, and what people and the oracle answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels: str | None = None
depends_on: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    for create in TABLES.values():
        create()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_query() -> None:
    op.create_table(
        "query",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("image", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("pixels", BIG, nullable=False),
        sa.Column("clicks", BIG, nullable=False),
        sa.Column("main_class", sa.Integer(), nullable=False),
        sa.Column("picture_sha256", sa.String(), nullable=False),
        sa.Column("mask_sha256", sa.String(), nullable=True),
        sa.Column("draft_sha256", sa.String(), nullable=False),
        sa.Column("uncertainty_sha256", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_query")),
    )
    op.create_index(op.f("ix_query_run_id"), "query", ["run_id"])
    op.create_index("ix_query_stage_state_rank", "query", ["stage_id", "state", "rank"])


def _create_query_batch() -> None:
    op.create_table(
        "query_batch",
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("select_stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("by_people", sa.Boolean(), nullable=False),
        sa.Column("closes_by_hand", sa.Boolean(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("deadline", TIME, nullable=True),
        sa.Column("acquisition", sa.String(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("budget", sa.Double(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("model_sha256", sa.String(), nullable=False),
        sa.Column("class_ids", sa.JSON(), nullable=False),
        sa.Column("ignore_id", sa.Integer(), nullable=False),
        sa.Column("pool_digest", sa.String(), nullable=False),
        sa.Column("pool_size", sa.Integer(), nullable=False),
        sa.Column("histogram", sa.JSON(), nullable=False),
        sa.Column("histogram_range", sa.JSON(), nullable=False),
        sa.Column("pool_pixels", sa.JSON(), nullable=False),
        sa.Column("queried_pixels", sa.JSON(), nullable=False),
        sa.Column("cover_radius", sa.Double(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("pk_query_batch")),
    )
    op.create_index(op.f("ix_query_batch_run_id"), "query_batch", ["run_id"])


def _create_annotation() -> None:
    op.create_table(
        "annotation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("query_id", sa.String(), sa.ForeignKey("query.id", ondelete="CASCADE"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("mask_sha256", sa.String(), nullable=False),
        sa.Column("merged_sha256", sa.String(), nullable=False),
        sa.Column("pixels", BIG, nullable=False),
        sa.Column("class_pixels", sa.JSON(), nullable=False),
        sa.Column("agreeing_pixels", BIG, nullable=False),
        sa.Column("clicks", BIG, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
        sa.UniqueConstraint("query_id", "version", name=op.f("uq_annotation_query_id_version")),
    )
    op.create_index(op.f("ix_annotation_run_id"), "annotation", ["run_id"])
    op.create_index(op.f("ix_annotation_stage_id"), "annotation", ["stage_id"])


def _create_draft() -> None:
    op.create_table(
        "draft",
        sa.Column("query_id", sa.String(), sa.ForeignKey("query.id", ondelete="CASCADE"), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("clicks", BIG, nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("query_id", "author", name=op.f("pk_draft")),
    )


def _create_draft_tile() -> None:
    op.create_table(
        "draft_tile",
        sa.Column("query_id", sa.String(), sa.ForeignKey("query.id", ondelete="CASCADE"), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("query_id", "author", "row", "column", name=op.f("pk_draft_tile")),
    )


TABLES = {
    "query": _create_query,
    "query_batch": _create_query_batch,
    "annotation": _create_annotation,
    "draft": _create_draft,
    "draft_tile": _create_draft_tile,
}
"""In an order in which each table comes after those that it refers to."""
