"""The annotator's assistant: its model in each round, decoders and embeddings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels: str | None = None
depends_on: str | None = None

TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "assistant_job",
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("choice_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("model_digest", sa.String(), nullable=True),
        sa.Column("model", sa.JSON(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("pk_assistant_job")),
    )
    op.create_index(op.f("ix_assistant_job_state"), "assistant_job", ["state"])
    op.create_table(
        "assistant_decoder",
        sa.Column("model_digest", sa.String(), nullable=False),
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.PrimaryKeyConstraint("model_digest", "adapter", name=op.f("pk_assistant_decoder")),
    )
    op.create_table(
        "assistant_embedding",
        sa.Column("model_digest", sa.String(), nullable=False),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("adapter", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("model_digest", "image_sha256", name=op.f("pk_assistant_embedding")),
    )


def downgrade() -> None:
    op.drop_table("assistant_embedding")
    op.drop_table("assistant_decoder")
    op.drop_table("assistant_job")
