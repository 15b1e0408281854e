"""An evaluation is of a domain, too, its confusion matrix is one record among others, and absent classes are undefined.

Of a class that no test image shows, IoU and accuracy become undefined rows; the means stay as they were measured. A run
stands in lists with its `miou_present` instead of its `miou`, in which absent classes count as 0.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: str | None = None
depends_on: str | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CONFUSION = "confusion"
NAMED = 16
"""Digits of the digest in a file's name."""
WITHOUT_DOMAIN = sa.text("domain IS NULL")

EVALUATION = sa.table(
    "evaluation",
    sa.column("id", sa.String()),
    sa.column("run_id", sa.String()),
    sa.column("step", sa.Integer()),
    sa.column("split", sa.String()),
    sa.column("domain", sa.String()),
    sa.column("channels", sa.JSON()),
    sa.column("confusion", sa.LargeBinary()),
)
RECORD = sa.table(
    "evaluation_record",
    sa.column("evaluation_id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("name", sa.String()),
    sa.column("sha256", sa.String()),
    sa.column("bytes", BIG),
    sa.column("channels", sa.JSON()),
    sa.column("content", sa.LargeBinary()),
)
BEFORE = ("id", "run_id", "step", "channels", "confusion")
SCORE = sa.table(
    "score",
    sa.column("id", BIG),
    sa.column("evaluation_id", sa.String()),
    sa.column("run_id", sa.String()),
    sa.column("step", sa.Integer()),
    sa.column("metric", sa.String()),
    sa.column("class_id", sa.Integer()),
    sa.column("group", sa.String()),
    sa.column("value", sa.Double()),
)
RUN = sa.table(
    "run", sa.column("id", sa.String()), sa.column("last_score", sa.Double()), sa.column("best_score", sa.Double())
)
OF_CLASS = ("iou", "accuracy")
FALSE_SHARE = "false_share"
BACKGROUND_ID = -1


def upgrade() -> None:
    _create_record()
    _move_matrices()
    _keep_scores("miou_present")
    with op.batch_alter_table("evaluation") as batch:
        batch.add_column(sa.Column("domain", sa.String(), nullable=True))
        batch.drop_constraint(op.f("uq_evaluation_stage_id_split_step"), type_="unique")
        batch.drop_column("channels")
        batch.drop_column("confusion")
        batch.create_unique_constraint(op.f("uq_evaluation_stage_id_step_domain_split"), ["stage_id", "step", "domain", "split"])
    op.create_index(
        "uq_evaluation_without_domain",
        "evaluation",
        ["stage_id", "step", "split"],
        unique=True,
        sqlite_where=WITHOUT_DOMAIN,
        postgresql_where=WITHOUT_DOMAIN,
    )


def downgrade() -> None:
    _keep_scores("miou")
    op.execute(sa.delete(SCORE).where(SCORE.c.metric == FALSE_SHARE))
    op.execute(sa.update(SCORE).where(SCORE.c.value.is_(None), SCORE.c.metric.in_(OF_CLASS)).values(value=0.0))
    op.drop_index("uq_evaluation_without_domain", "evaluation")
    # The older version knows no domain: its evaluations are told apart by their split.
    with_domain = EVALUATION.c.split + "-" + EVALUATION.c.domain
    op.execute(sa.update(EVALUATION).where(EVALUATION.c.domain.is_not(None)).values(split=with_domain))
    with op.batch_alter_table("evaluation") as batch:
        batch.drop_constraint(op.f("uq_evaluation_stage_id_step_domain_split"), type_="unique")
        batch.add_column(sa.Column("channels", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("confusion", sa.LargeBinary(), nullable=False, server_default=""))
        batch.drop_column("domain")
        batch.create_unique_constraint(op.f("uq_evaluation_stage_id_split_step"), ["stage_id", "split", "step"])
    _move_records_into_matrices()
    with op.batch_alter_table("evaluation") as batch:
        batch.alter_column("channels", server_default=None)
        batch.alter_column("confusion", server_default=None)
    op.drop_table("evaluation_record")


def _create_record() -> None:
    evaluation = sa.ForeignKey("evaluation.id", ondelete="CASCADE")
    op.create_table(
        "evaluation_record",
        sa.Column("evaluation_id", sa.String(), evaluation, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.Column("channels", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("evaluation_id", "kind", name=op.f("pk_evaluation_record")),
    )
    op.create_index(op.f("ix_evaluation_record_sha256"), "evaluation_record", ["sha256"])


def _move_matrices() -> None:
    connection = op.get_bind()
    for evaluation in connection.execute(sa.select(*(EVALUATION.c[name] for name in BEFORE))).all():
        matrix = unpacked(evaluation.confusion, len(evaluation.channels))
        connection.execute(sa.insert(RECORD).values(_record(evaluation.id, evaluation.channels, matrix)))
        _say_what_is_undefined(evaluation, matrix)


def _record(evaluation_id: str, channels: list[int], matrix: list[list[int]]) -> dict[str, Any]:
    content = json.dumps({"channels": channels, "matrix": matrix}, separators=(",", ":")).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    return {
        "evaluation_id": evaluation_id,
        "kind": CONFUSION,
        "name": f"{CONFUSION}-{sha256[:NAMED]}.json",
        "sha256": sha256,
        "bytes": len(content),
        "channels": channels,
        "content": content,
    }


def _say_what_is_undefined(evaluation: Any, matrix: list[list[int]]) -> None:
    """Give every class without a pixel in the ground truth undefined rows, and the share that was taken for it."""
    connection = op.get_bind()
    pixels = sum(map(sum, matrix))
    place = {"evaluation_id": evaluation.id, "run_id": evaluation.run_id, "step": evaluation.step, "group": None}
    for channel, class_id in enumerate(evaluation.channels):
        if class_id == BACKGROUND_ID or any(matrix[channel]) or not pixels:
            continue
        values = dict.fromkeys(OF_CLASS) | {FALSE_SHARE: sum(row[channel] for row in matrix) / pixels}
        for metric, value in values.items():
            key = {"evaluation_id": evaluation.id, "metric": metric, "class_id": class_id}
            is_it = sa.and_(*(SCORE.c[name] == wanted for name, wanted in key.items()))
            if not connection.execute(sa.update(SCORE).where(is_it).values(value=value)).rowcount:
                connection.execute(sa.insert(SCORE).values(place | key | {"value": value}))


def _keep_scores(metric: str) -> None:
    """Keep last and best value of an overall score with each run, of the split that was tested first."""
    connection = op.get_bind()
    tested = (
        sa.select(EVALUATION.c.run_id, EVALUATION.c.split, SCORE.c.value)
        .join_from(EVALUATION, SCORE, SCORE.c.evaluation_id == EVALUATION.c.id)
        .where(SCORE.c.metric == metric, SCORE.c.group == "all")
        .order_by(EVALUATION.c.step, EVALUATION.c.id)
    )
    values: dict[str, tuple[str, list[float | None]]] = {}
    for run_id, split, value in connection.execute(tested).all():
        main, of_run = values.setdefault(run_id, (split, []))
        if split == main:
            of_run.append(value)
    for run_id, (_, of_run) in values.items():
        best = max((value for value in of_run if value is not None), default=None)
        kept = {"last_score": of_run[-1], "best_score": best}
        connection.execute(sa.update(RUN).where(RUN.c.id == run_id).values(kept))


def _move_records_into_matrices() -> None:
    """Give every evaluation its matrix back; one without, or with a matrix that lies in storage, gets none."""
    connection = op.get_bind()
    connection.execute(sa.update(EVALUATION).values(confusion=packed([])))
    statement = sa.select(RECORD.c.evaluation_id, RECORD.c.content).where(RECORD.c.kind == CONFUSION)
    for evaluation_id, content in connection.execute(statement.where(RECORD.c.content.is_not(None))).all():
        record = json.loads(content)
        values = {"channels": record["channels"], "confusion": packed(record["matrix"])}
        connection.execute(sa.update(EVALUATION).where(EVALUATION.c.id == evaluation_id).values(values))


def unpacked(data: bytes, size: int) -> list[list[int]]:
    """Return the matrix that an older version stored: zlib-compressed little-endian int64, row by row."""
    cells = struct.unpack(f"<{size * size}q", zlib.decompress(data))
    return [list(cells[row * size : (row + 1) * size]) for row in range(size)]


def packed(matrix: list[list[int]]) -> bytes:
    """Return a matrix as an older version stores it."""
    cells = [cell for row in matrix for cell in row]
    return zlib.compress(struct.pack(f"<{len(cells)}q", *cells))
