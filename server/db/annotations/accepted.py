"""The answers of a round that count, the newest version of each accepted query, and what the round sets aside."""

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
    """One answer as manifests name it, with its labels alone and laid over what was known of the image before."""

    answer: Answer
    mask_sha256: str
    merged_sha256: str


def accepted_answers(session: Session, batch: QueryBatch) -> list[AcceptedAnswer]:
    """Return the accepted answers of a round in the order of the queries' ids."""
    return [_accepted(batch, query, annotation) for query, annotation in accepted_rows(session, batch.stage_id)]


def accepted_rows(session: Session, stage_id: str) -> list[tuple[Query, Annotation]]:
    """Return every accepted query of a stage with the version of its answer that counts, by id.

    An answer that was sent back is still its query's newest version, and counts no more.
    """
    statement = (
        select(Query, Annotation)
        .join(Annotation, (Annotation.query_id == Query.id) & (Annotation.version == Query.version))
        .where(Query.stage_id == stage_id, Query.state == QueryState.ACCEPTED)
        .order_by(Query.id)
    )
    return [(query, annotation) for query, annotation in session.execute(statement)]


def accepted_versions(session: Session, stage_id: str) -> tuple[tuple[str, int], ...]:
    """Return id and version of every accepted query of a stage, by id."""
    statement = select(Query.id, Query.version).where(Query.stage_id == stage_id, Query.state == QueryState.ACCEPTED)
    return tuple((query_id, version) for query_id, version in session.execute(statement.order_by(Query.id)))


def set_aside_images(session: Session, stage_id: str) -> tuple[str, ...]:
    """Return the images, by name, that the next selection passes over: those that were skipped, or sent back.

    A query whose answer was sent back is open again, and known by the version that it bears without being accepted.
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
