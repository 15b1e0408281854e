"""What a select stage asks becomes rows of the label stage behind it (REC-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.acquisition.budgets import check_spending
from core.acquisition.queries import Query as AskedQuery
from core.acquisition.queries import QueryBatch as AskedBatch
from core.stage.spec import StageKind
from server.db.annotations.rounds import announce
from server.db.models import Annotation, Query, QueryBatch, Stage
from server.db.states import StageState

BlobOf = Callable[[str], str]
"""Path of a file of the batch -> its SHA-256 in storage."""


def publish_queries(session: Session, select_stage: Stage, asked: AskedBatch, blob_of: BlobOf) -> bool:
    """Store a batch; an attempt that is repeated finds its questions there, and no answer is ever lost.

    Args:
        session: a writing transaction in which the run is locked.
        select_stage: the stage that asks; the next one of its run answers.
        asked: what it wrote.
        blob_of: gives the digests of the files that the batch names; all are in storage.

    Returns:
        Whether the batch was stored now.

    Raises:
        OverBudgetError: if it asks for more than its budget buys, or about an image twice (AL-6).
    """
    check_spending([query.image for query in asked.queries], asked.budget, asked.unit, asked.total_images)
    label_stage = _label_stage(session, select_stage)
    if _is_kept(session, label_stage):
        return False
    for table in (Query, QueryBatch):
        session.execute(delete(table).where(table.stage_id == label_stage.id))
    place = {"run_id": select_stage.run_id, "stage_id": label_stage.id}
    row = place | {"select_stage_id": select_stage.id, "by_people": bool(label_stage.spec.get("by_people", False))}
    session.execute(insert(QueryBatch), [row | _batch_columns(asked)])
    rows = [place | _query_columns(query, blob_of) for query in asked.queries]
    if rows:
        session.execute(insert(Query), rows)
    announce(session, label_stage)
    return True


def _label_stage(session: Session, select_stage: Stage) -> Stage:
    statement = select(Stage).where(Stage.run_id == select_stage.run_id, Stage.index == select_stage.index + 1)
    stage = session.scalars(statement).one()
    assert stage.kind == StageKind.LABEL, f"stage {stage.name} follows a select stage and is of kind {stage.kind}"
    return stage


def _is_kept(session: Session, label_stage: Stage) -> bool:
    """Whether the stored batch must stay: answering has begun."""
    has_answer = select(Annotation.id).where(Annotation.stage_id == label_stage.id).limit(1)
    return label_stage.state != StageState.PENDING or session.scalar(has_answer) is not None


def _batch_columns(asked: AskedBatch) -> dict[str, Any]:
    return {
        "round": asked.round,
        "acquisition": asked.acquisition.value,
        "parameters": asked.parameters,
        "unit": asked.unit.value,
        "budget": asked.budget,
        "seed": str(asked.seed),
        "model_sha256": asked.model_sha256,
        "class_ids": asked.class_ids,
        "ignore_id": asked.ignore_id,
        "pool_digest": asked.pool_digest,
        "pool_size": asked.pool_size,
        "histogram": asked.histogram,
        "histogram_range": list(asked.histogram_range),
        "pool_pixels": {str(raw_id): count for raw_id, count in asked.pool_pixels.items()},
        "queried_pixels": {str(raw_id): count for raw_id, count in asked.queried_pixels.items()},
        "cover_radius": asked.cover_radius,
    }


def _query_columns(query: AskedQuery, blob_of: BlobOf) -> dict[str, Any]:
    return {
        "id": query.id,
        "rank": query.rank,
        "image": query.image,
        "unit": query.unit.value,
        "value": query.value,
        "group": query.group,
        "width": query.width,
        "height": query.height,
        "pixels": query.pixels,
        "clicks": query.clicks,
        "main_class": query.main_class,
        "picture_sha256": blob_of(query.picture),
        "mask_sha256": blob_of(query.mask) if query.mask is not None else None,
        "draft_sha256": blob_of(query.draft),
        "uncertainty_sha256": blob_of(query.uncertainty),
    }
