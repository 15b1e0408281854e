"""A label stage with its queries and classes, for exports and imports."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.exchange.manifest import ExportedClass
from server.db.models import Query, QueryBatch, Stage
from server.errors import NotFoundError
from server.services.experiments.classes import classes_of_run
from server.services.runs import stages


@dataclass(frozen=True)
class LabelStage:
    """A label stage with its batch, its queries, and the classes that an answer may use."""

    stage: Stage
    batch: QueryBatch
    queries: list[Query]
    classes: list[ExportedClass]


def find_label_stage(session: Session, stage_id: str) -> LabelStage:
    """Return a label stage, its queries sorted by image; raises NotFoundError when it has no queries."""
    stages.require(session, stage_id)
    batch = session.get(QueryBatch, stage_id)
    if batch is None:
        raise NotFoundError("round of labelling at stage", stage_id)
    known = classes_of_run(session, batch.run_id)
    labels = [known.label(class_id) for class_id in sorted(batch.class_ids)]
    queries = select(Query).where(Query.stage_id == stage_id).order_by(Query.image)
    return LabelStage(
        stage=session.get_one(Stage, stage_id),
        batch=batch,
        queries=list(session.scalars(queries)),
        classes=[ExportedClass(id=one.id, name=one.name, colour=one.colour.lower()) for one in labels],
    )
