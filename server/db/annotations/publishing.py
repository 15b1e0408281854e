"""Store the queries of a select stage as rows of the following label stage (REC-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.acquisition.budgets import check_spending
from core.acquisition.catalog import SuperpixelSize
from core.acquisition.queries import Query as WrittenQuery
from core.acquisition.queries import QueryBatch as WrittenBatch
from core.stage.spec import StageKind
from server.db.annotations.rounds import announce
from server.db.models import Annotation, Query, QueryBatch, Stage
from server.db.states import StageState

BlobOf = Callable[[str], str]
"""Path of a file of the batch -> its SHA-256 in storage."""


def publish_queries(session: Session, select_stage: Stage, written: WrittenBatch, blob_of: BlobOf) -> bool:
    """Store a batch. A repeated attempt keeps the stored queries, so that no answer is lost.

    Args:
        session: a writing transaction in which the run is locked.
        select_stage: the stage that chose the queries; the next stage of its run answers them.
        written: the batch that the stage wrote.
        blob_of: maps each file of the batch to its digest; all files are in storage.

    Returns:
        Whether the batch was stored now.

    Raises:
        OverBudgetError: if the batch exceeds its budget, or queries an image twice (AL-6).
    """
    check_spending([query.image for query in written.queries], written.budget, written.unit, written.total_images)
    label_stage = _label_stage(session, select_stage)
    if _is_kept(session, label_stage):
        return False
    for table in (Query, QueryBatch):
        session.execute(delete(table).where(table.stage_id == label_stage.id))
    place = {"run_id": select_stage.run_id, "stage_id": label_stage.id}
    row = place | {"select_stage_id": select_stage.id, "by_people": bool(label_stage.spec.get("by_people", False))}
    session.execute(insert(QueryBatch), [row | _batch_columns(written)])
    rows = [place | _query_columns(query, blob_of) for query in written.queries]
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


def _batch_columns(written: WrittenBatch) -> dict[str, Any]:
    return {
        "round": written.round,
        "acquisition": written.acquisition.value,
        "parameters": written.parameters,
        "unit": written.unit.value,
        "budget": written.budget,
        "seed": str(written.seed),
        "model_sha256": written.model_sha256,
        "class_ids": written.class_ids,
        "ignore_id": written.ignore_id,
        "pool_digest": written.pool_digest,
        "pool_size": written.pool_size,
        "histogram": written.histogram,
        "histogram_range": list(written.histogram_range),
        "pool_pixels": {str(raw_id): count for raw_id, count in written.pool_pixels.items()},
        "queried_pixels": {str(raw_id): count for raw_id, count in written.queried_pixels.items()},
        "cover_radius": written.cover_radius,
    }


def _query_columns(query: WrittenQuery, blob_of: BlobOf) -> dict[str, Any]:
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
        "proposal_sha256": blob_of(query.proposal),
        "uncertainty_sha256": blob_of(query.uncertainty),
        **{
            f"superpixels_{size}_sha256": blob_of(query.superpixels[size]) if size in query.superpixels else None
            for size in SuperpixelSize
        },
    }
