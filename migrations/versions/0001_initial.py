"""All tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
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


def _create_experiment() -> None:
    op.create_table(
        "experiment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("preset", sa.String(), nullable=True),
        sa.Column("preset_version", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("resolved", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("deviations", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("class_table", sa.JSON(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("cloned_from", sa.String(), sa.ForeignKey("experiment.id", ondelete="SET NULL"), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiment")),
    )
    op.create_index(op.f("ix_experiment_created_at"), "experiment", ["created_at"])
    op.create_index(op.f("ix_experiment_digest"), "experiment", ["digest"])
    op.create_index(op.f("ix_experiment_method"), "experiment", ["method"])
    op.create_index(op.f("ix_experiment_dataset"), "experiment", ["dataset"])
    op.create_index(op.f("ix_experiment_name"), "experiment", ["name"])


def _create_tag() -> None:
    op.create_table(
        "tag",
        sa.Column("experiment_id", sa.String(), sa.ForeignKey("experiment.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("experiment_id", "key", name=op.f("pk_tag")),
    )
    op.create_index("ix_tag_key_value", "tag", ["key", "value"])


def _create_run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), sa.ForeignKey("experiment.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seed", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("event_seq", BIG, nullable=False),
        sa.Column("last_score", sa.Double(), nullable=True),
        sa.Column("best_score", sa.Double(), nullable=True),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", TIME, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index(op.f("ix_run_changed_at"), "run", ["changed_at"])
    for column in ("created_at", "state", "seed", "last_score", "best_score", "finished_at", "experiment_id"):
        op.create_index(f"ix_run_{column}_id", "run", [column, "id"])


def _create_stage() -> None:
    op.create_table(
        "stage",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("total_iterations", BIG, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("dispatch_no", sa.Integer(), nullable=False),
        sa.Column("fencing_token", sa.Integer(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("queued_at", TIME, nullable=True),
        sa.Column("not_before", TIME, nullable=True),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("outputs", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("run_id", "index", name=op.f("uq_stage_run_id_index")),
    )
    op.create_index("ix_stage_state_queued_at", "stage", ["state", "queued_at"])


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("fencing_token", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("trace", sa.String(), nullable=True),
        sa.Column("lease_until", TIME, nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("event_offset", BIG, nullable=False),
        sa.Column("log_offset", BIG, nullable=False),
        sa.Column("log_lines", BIG, nullable=False),
        sa.Column("resumed_iteration", BIG, nullable=True),
        sa.Column("device", sa.String(), nullable=True),
        sa.Column("code_version", sa.String(), nullable=True),
        sa.Column("parameters", BIG, nullable=True),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("iteration", BIG, nullable=True),
        sa.Column("total_iterations", BIG, nullable=True),
        sa.Column("images_per_second", sa.Double(), nullable=True),
        sa.Column("seconds_left", sa.Double(), nullable=True),
        sa.Column("deviations", sa.JSON(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("stage_id", "number", name=op.f("uq_attempt_stage_id_number")),
    )
    op.create_index("ix_attempt_state_lease_until", "attempt", ["state", "lease_until"])
    op.create_index(
        "uq_attempt_live",
        "attempt",
        ["stage_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('leased', 'running')"),
        postgresql_where=sa.text("state IN ('leased', 'running')"),
    )


def _create_dispatch() -> None:
    op.create_table(
        "dispatch",
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("dispatch_no", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stage_id", "dispatch_no", name=op.f("pk_dispatch")),
    )
    op.create_index("ix_dispatch_sent_at_created_at", "dispatch", ["sent_at", "created_at"])


def _create_transition() -> None:
    op.create_table(
        "transition",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("transition_id", sa.String(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transition")),
        sa.UniqueConstraint("transition_id", name=op.f("uq_transition_transition_id")),
    )
    op.create_index(op.f("ix_transition_run_id"), "transition", ["run_id"])
    op.create_index("ix_transition_subject_id", "transition", ["subject_id", "id"])


def _create_scheduler_lock() -> None:
    op.create_table(
        "scheduler_lock",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheduler_lock")),
    )


def _create_worker() -> None:
    op.create_table(
        "worker",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queues", sa.JSON(), nullable=False),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("stage_id", sa.String(), nullable=True),
        sa.Column("dataset_id", sa.String(), nullable=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker")),
    )


def _create_dataset() -> None:
    op.create_table(
        "dataset",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.Column("index_sha256", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("scan_no", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("worker_id", sa.String(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("scanned_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset")),
        sa.UniqueConstraint("name", name=op.f("uq_dataset_name")),
    )
    op.create_index("ix_dataset_state_sent_at", "dataset", ["state", "sent_at"])


def _create_run_event() -> None:
    op.create_table(
        "run_event",
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "seq", name=op.f("pk_run_event")),
        sqlite_with_rowid=False,
    )


def _create_log_line() -> None:
    op.create_table(
        "log_line",
        sa.Column("attempt_id", sa.String(), sa.ForeignKey("attempt.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "number", name=op.f("pk_log_line")),
        sqlite_with_rowid=False,
    )


def _create_series_point() -> None:
    op.create_table(
        "series_point",
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("stage_index", sa.Integer(), nullable=False),
        sa.Column("iteration", BIG, autoincrement=False, nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("special", sa.String(), nullable=True),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint(
            "run_id", "key", "stage_index", "iteration", "attempt_number", name=op.f("pk_series_point")
        ),
        sqlite_with_rowid=False,
    )


def _create_series_summary() -> None:
    op.create_table(
        "series_summary",
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("last_value", sa.Double(), nullable=True),
        sa.Column("last_stage_index", sa.Integer(), nullable=False),
        sa.Column("last_iteration", BIG, nullable=False),
        sa.Column("best_value", sa.Double(), nullable=True),
        sa.Column("best_stage_index", sa.Integer(), nullable=True),
        sa.Column("best_iteration", BIG, nullable=True),
        sa.PrimaryKeyConstraint("run_id", "key", name=op.f("pk_series_summary")),
    )


def _create_evaluation() -> None:
    op.create_table(
        "evaluation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("iteration", BIG, nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("confusion", sa.LargeBinary(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("stage_id", "split", "step", name=op.f("uq_evaluation_stage_id_split_step")),
    )
    op.create_index(op.f("ix_evaluation_run_id"), "evaluation", ["run_id"])


def _create_score() -> None:
    op.create_table(
        "score",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("evaluation_id", sa.String(), sa.ForeignKey("evaluation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("group", sa.String(), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint("evaluation_id", "metric", "class_id", name=op.f("uq_score_evaluation_id_metric_class_id")),
        sa.UniqueConstraint("evaluation_id", "metric", "group", name=op.f("uq_score_evaluation_id_metric_group")),
    )
    op.create_index("ix_score_run_id_metric", "score", ["run_id", "metric"])
    op.create_index(
        "uq_score_all",
        "score",
        ["evaluation_id", "metric"],
        unique=True,
        sqlite_where=sa.text('class_id IS NULL AND "group" IS NULL'),
        postgresql_where=sa.text('class_id IS NULL AND "group" IS NULL'),
    )


def _create_artifact() -> None:
    op.create_table(
        "artifact",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact")),
        sa.UniqueConstraint("stage_id", "name", name=op.f("uq_artifact_stage_id_name")),
    )
    op.create_index(op.f("ix_artifact_run_id"), "artifact", ["run_id"])
    op.create_index("ix_artifact_sha256", "artifact", ["sha256"])


def _create_checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("fencing_token", sa.Integer(), nullable=False),
        sa.Column("iteration", BIG, nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint(
            "stage_id", "attempt_number", "iteration", name=op.f("uq_checkpoint_stage_id_attempt_number_iteration")
        ),
    )
    op.create_index(op.f("ix_checkpoint_stage_id"), "checkpoint", ["stage_id"])


def _create_memory_item() -> None:
    op.create_table(
        "memory_item",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("image_size", sa.JSON(), nullable=False),
        sa.Column("area", BIG, nullable=False),
        sa.Column("step_added", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("bytes", BIG, nullable=False),
        sa.Column("times_drawn", BIG, nullable=False),
        sa.Column("crop_sha256", sa.String(), nullable=False),
        sa.Column("label_sha256", sa.String(), nullable=False),
        sa.Column("thumbnail_sha256", sa.String(), nullable=False),
        sa.Column("source_sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_item")),
        sa.UniqueConstraint("stage_id", "item_id", name=op.f("uq_memory_item_stage_id_item_id")),
    )
    op.create_index(op.f("ix_memory_item_run_id"), "memory_item", ["run_id"])
    op.create_index("ix_memory_item_stage_class", "memory_item", ["stage_id", "class_id"])


def _create_memory_snapshot() -> None:
    op.create_table(
        "memory_snapshot",
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("budget", sa.Integer(), nullable=False),
        sa.Column("seen_classes", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("pk_memory_snapshot")),
    )
    op.create_index(op.f("ix_memory_snapshot_run_id"), "memory_snapshot", ["run_id"])


def _create_memory_draw() -> None:
    op.create_table(
        "memory_draw",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("times", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_draw")),
        sa.UniqueConstraint("stage_id", "item_id", name=op.f("uq_memory_draw_stage_id_item_id")),
    )
    op.create_index("ix_memory_draw_run_item", "memory_draw", ["run_id", "item_id"])


def _create_memory_paste() -> None:
    op.create_table(
        "memory_paste",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("image_size", sa.JSON(), nullable=False),
        sa.Column("lam", sa.Double(), nullable=False),
        sa.Column("picture_sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_paste")),
    )
    op.create_index(op.f("ix_memory_paste_stage_id"), "memory_paste", ["stage_id"])
    op.create_index("ix_memory_paste_run_item", "memory_paste", ["run_id", "item_id"])


def _create_prediction() -> None:
    op.create_table(
        "prediction",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(), sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("stage_id", sa.String(), sa.ForeignKey("stage.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt_number", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("iteration", BIG, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("background_id", sa.Integer(), nullable=True),
        sa.Column("ignore_id", sa.Integer(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("pixel_accuracy", sa.Double(), nullable=True),
        sa.Column("iou", sa.JSON(), nullable=False),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("labels_sha256", sa.String(), nullable=False),
        sa.Column("prediction_sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prediction")),
        sa.UniqueConstraint("stage_id", "rank", name=op.f("uq_prediction_stage_id_rank")),
    )
    op.create_index("ix_prediction_run_rank", "prediction", ["run_id", "rank"])


TABLES = {
    "experiment": _create_experiment,
    "tag": _create_tag,
    "run": _create_run,
    "stage": _create_stage,
    "attempt": _create_attempt,
    "dispatch": _create_dispatch,
    "transition": _create_transition,
    "scheduler_lock": _create_scheduler_lock,
    "worker": _create_worker,
    "dataset": _create_dataset,
    "run_event": _create_run_event,
    "log_line": _create_log_line,
    "series_point": _create_series_point,
    "series_summary": _create_series_summary,
    "evaluation": _create_evaluation,
    "score": _create_score,
    "artifact": _create_artifact,
    "checkpoint": _create_checkpoint,
    "memory_item": _create_memory_item,
    "memory_snapshot": _create_memory_snapshot,
    "memory_draw": _create_memory_draw,
    "memory_paste": _create_memory_paste,
    "prediction": _create_prediction,
}
"""In an order in which each table comes after those that it refers to."""
