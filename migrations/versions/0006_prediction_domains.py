"""Predictions are of a domain and of a kind of sample; a stage keeps those of all its domains.

What an older version stored is of label maps and the only domain.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels: str | None = None
depends_on: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITHOUT_DOMAIN = sa.text("domain IS NULL")
DENSE, INSTANCES = "dense", "instances"

PREDICTION = sa.table(
    "prediction",
    sa.column("id", BIG),
    sa.column("run_id", sa.String()),
    sa.column("domain", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("rank", sa.Integer()),
)


def upgrade() -> None:
    with op.batch_alter_table("prediction") as batch:
        batch.add_column(sa.Column("domain", sa.String(), nullable=True))
        batch.add_column(sa.Column("kind", sa.String(), nullable=False, server_default=DENSE))
        batch.drop_constraint(op.f("uq_prediction_stage_id_rank"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_prediction_stage_id_domain_rank"), ["stage_id", "domain", "rank"]
        )
    with op.batch_alter_table("prediction") as batch:
        batch.alter_column("kind", server_default=None)
    op.create_index(
        "uq_prediction_without_domain",
        "prediction",
        ["stage_id", "rank"],
        unique=True,
        sqlite_where=WITHOUT_DOMAIN,
        postgresql_where=WITHOUT_DOMAIN,
    )


def downgrade() -> None:
    # The older version reads ground truth and prediction as index PNGs; those of instances are lists of objects.
    op.execute(sa.delete(PREDICTION).where(PREDICTION.c.kind == INSTANCES))
    op.drop_index("uq_prediction_without_domain", "prediction")
    with op.batch_alter_table("prediction") as batch:
        batch.drop_constraint(op.f("uq_prediction_stage_id_domain_rank"), type_="unique")
    _rank_through_domains()
    with op.batch_alter_table("prediction") as batch:
        batch.drop_column("domain")
        batch.drop_column("kind")
        batch.create_unique_constraint(op.f("uq_prediction_stage_id_rank"), ["stage_id", "rank"])


def _rank_through_domains() -> None:
    """Put the images of a run's domains one after the other: each has a rank of its own, the same in every stage."""
    connection = op.get_bind()
    first = sa.func.min(PREDICTION.c.id).over(partition_by=(PREDICTION.c.run_id, PREDICTION.c.domain))
    rows = connection.execute(sa.select(PREDICTION).order_by(PREDICTION.c.run_id, first, PREDICTION.c.rank)).all()
    ranks: dict[str, dict[tuple[str | None, int], int]] = {}
    for row in rows:
        of_run = ranks.setdefault(row.run_id, {})
        rank = of_run.setdefault((row.domain, row.rank), len(of_run))
        if rank != row.rank:
            connection.execute(sa.update(PREDICTION).where(PREDICTION.c.id == row.id).values(rank=rank))
