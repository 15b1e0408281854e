"""The accepted answers of a round, and the images that the next selection skips."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import Answer
from server.db.models import Annotation, Query, QueryBatch
from server.db.states import QueryState


@dataclass(frozen=True)
class AcceptedAnswer:
    """One answer of a manifest, with its own labels and with those merged into the image's earlier labels."""

    answer: Answer
    mask_sha256: str
    merged_sha256: str


def accepted_answers(session: Session, batch: QueryBatch) -> list[AcceptedAnswer]:
    """Return the accepted answers of a round, ordered by query id."""
    return [_accepted(batch, query, annotation) for query, annotation in accepted_rows(session, batch.stage_id)]


def accepted_rows(session: Session, stage_id: str) -> list[tuple[Query, Annotation]]:
    """Return every accepted query of a stage with its accepted version, ordered by id.

    A rejected answer is still its query's newest version, but it does not count any more.
    """
    statement = (
        select(Query, Annotation)
        .join(Annotation, (Annotation.query_id == Query.id) & (Annotation.version == Query.version))
        .where(Query.stage_id == stage_id, Query.state == QueryState.ACCEPTED)
        .order_by(Query.id)
    )
    return [(query, annotation) for query, annotation in session.execute(statement)]


def accepted_versions(session: Session, stage_id: str) -> tuple[tuple[str, int], ...]:
    """Return id and version of every accepted query of a stage, ordered by id."""
    statement = select(Query.id, Query.version).where(Query.stage_id == stage_id, Query.state == QueryState.ACCEPTED)
    return tuple((query_id, version) for query_id, version in session.execute(statement.order_by(Query.id)))


def set_aside_images(session: Session, stage_id: str) -> tuple[str, ...]:
    """Return the names of the images that the next selection skips: their queries were skipped or rejected.

    A query with a rejected answer is open again; it has a version but is not accepted.
    """
    is_sent_back = (Query.version > 0) & (Query.state != QueryState.ACCEPTED)
    is_left = (Query.state == QueryState.SKIPPED) | is_sent_back
    statement = select(Query.image).where(Query.stage_id == stage_id, is_left).order_by(Query.image)
    return tuple(session.scalars(statement))


def _accepted(batch: QueryBatch, query: Query, annotation: Annotation) -> AcceptedAnswer:
    answer = Answer(
        query=query.id,
        image=query.image,
        unit=QueryUnit(query.unit),
        round=batch.round,
        author=annotation.author,
        revision=annotation.version,
        pixels=annotation.pixels,
        clicks=annotation.clicks,
        seconds=annotation.seconds,
    )
    return AcceptedAnswer(answer, annotation.mask_sha256, annotation.merged_sha256)
