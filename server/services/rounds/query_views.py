"""Convert rows of queries and annotations into the API's schemas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.acquisition.catalog import SuperpixelSize
from server.auth.people import is_hidden
from server.db import annotations as db
from server.db.clock import database_now
from server.db.models import Annotation, Assignment, Draft, DraftTile, Query, QueryBatch, Stage, Transition
from server.db.states import QueryState, StageState
from server.schemas.classes import ClassLabel
from server.schemas.queries import (
    AnnotationDetail,
    AssignmentEntry,
    DraftInfo,
    QueryDetail,
    QuerySummary,
    SourcePixels,
    SuperpixelUrls,
)
from server.schemas.stages import TransitionEntry
from server.services.experiments.classes import classes_of_run

API = "/api/v1"
HISTORY_LIMIT = 500


def query_summary(query: Query) -> QuerySummary:
    """Return a query as a row of a list."""
    address = f"{API}/queries/{query.id}"
    is_shown = query.version > 0 and not is_hidden(query.author)
    fields = {name: getattr(query, name) for name in QuerySummary.model_fields if not name.endswith("_url")}
    if query.answers_wanted == 1:
        fields["answers"] = int(query.state == QueryState.ACCEPTED)
    return QuerySummary(
        **fields,
        picture_url=f"{address}/picture",
        region_url=f"{address}/region" if query.mask_sha256 is not None else None,
        proposal_url=f"{address}/proposal",
        uncertainty_url=f"{address}/uncertainty",
        superpixels_url=_superpixel_urls(query, address),
        answer_url=f"{address}/answer?version={query.version}" if is_shown else None,
    )


def _superpixel_urls(query: Query, address: str) -> SuperpixelUrls | None:
    if query.superpixels_fine_sha256 is None:
        return None
    return SuperpixelUrls(**{size.value: f"{address}/superpixels?grain={size}" for size in SuperpixelSize})


def query_detail(session: Session, query: Query, viewer: str | None = None) -> QueryDetail:
    """Return one query in full, or the part that a viewer who answers independently may see."""
    batch = session.get_one(QueryBatch, query.stage_id)
    # Read versions only if one counts or independent answers may exist; a late version implies an earlier one.
    given = annotations_of(session, query.id) if query.version or query.answers_wanted > 1 else []
    shown = [row for row in given if is_shown(query, row.author, viewer)]
    return QueryDetail(
        **query_summary(query).model_dump(),
        classes=answer_classes(session, batch),
        ignore_id=batch.ignore_id,
        is_frozen=session.get_one(Stage, query.stage_id).state == StageState.SUCCEEDED,
        assignments=_assignments(session, query, viewer),
        drafts=[draft for draft in draft_infos(session, query.id) if is_shown(query, draft.author, viewer)],
        annotations=[annotation_detail(row) for row in shown],
        history=_history(session, query.id) if viewer is None or not is_blind(query) else [],
    )


def _assignments(session: Session, query: Query, viewer: str | None) -> list[AssignmentEntry]:
    rows = session.scalars(select(Assignment).where(Assignment.query_id == query.id).order_by(Assignment.author))
    return [AssignmentEntry.model_validate(row) for row in rows if is_shown(query, row.author, viewer)]


def is_blind(query: Query) -> bool:
    """Whether people who answer a query must not see each other's work yet (ANN-5)."""
    return query.answers_wanted > 1 and query.state != QueryState.ACCEPTED


def is_shown(query: Query, author: str, viewer: str | None) -> bool:
    """Whether a viewer may see an author's work on a query; the viewer None sees everything."""
    return not is_hidden(author) and (viewer is None or viewer == author or not is_blind(query))


def closing_time(session: Session, stage_id: str, counts: Mapping[str, int]) -> datetime | None:
    """Return when a waiting, complete round closes by itself; None for every other round."""
    batch, stage = session.get(QueryBatch, stage_id), session.get(Stage, stage_id)
    if batch is None or stage is None or stage.state != StageState.WAITING_ANNOTATION:
        return None
    return db.closing_time(batch, counts, database_now(session))


def answer_classes(session: Session, batch: QueryBatch) -> list[ClassLabel]:
    """Return the classes that answers to a round's queries may use."""
    known = classes_of_run(session, batch.run_id)
    return [known.label(class_id) for class_id in batch.class_ids]


def annotations_of(session: Session, query_id: str) -> list[Annotation]:
    """Return every version of a query's answer, oldest first."""
    statement = select(Annotation).where(Annotation.query_id == query_id).order_by(Annotation.version)
    return list(session.scalars(statement).all())


def annotation_detail(row: Annotation) -> AnnotationDetail:
    """Return one version of an answer."""
    names = set(AnnotationDetail.model_fields) - {"agreement", "mask_url", "sources", "sources_url"}
    address = f"{API}/annotations/{row.id}"
    return AnnotationDetail(
        **{name: getattr(row, name) for name in names},
        agreement=row.agreeing_pixels / row.pixels if row.pixels else None,
        sources=_sources(row),
        mask_url=f"{address}/mask",
        sources_url=f"{address}/sources" if row.sources_sha256 is not None else None,
    )


def _sources(row: Annotation) -> SourcePixels | None:
    if row.person_pixels is None or row.model_pixels is None or row.assisted_pixels is None:
        return None
    return SourcePixels(person=row.person_pixels, model=row.model_pixels, assisted=row.assisted_pixels)


def draft_infos(session: Session, query_id: str) -> list[DraftInfo]:
    """Return the drafts of a query, without their tiles."""
    drafts = session.scalars(select(Draft).where(Draft.query_id == query_id).order_by(Draft.author)).all()
    if not drafts:
        return []
    counts = select(DraftTile.author, func.count()).where(DraftTile.query_id == query_id).group_by(DraftTile.author)
    tiles: dict[str, int] = dict(session.execute(counts).all())
    return [
        DraftInfo(
            author=draft.author,
            revision=draft.revision,
            seconds=draft.seconds,
            clicks=draft.clicks,
            saved_at=draft.saved_at,
            tiles=tiles.get(draft.author, 0),
        )
        for draft in drafts
        if not is_hidden(draft.author)
    ]


def _history(session: Session, query_id: str) -> list[TransitionEntry]:
    statement = select(Transition).where(Transition.subject_id == query_id).order_by(Transition.id.desc())
    rows = session.scalars(statement.limit(HISTORY_LIMIT)).all()
    return [TransitionEntry.model_validate(row) for row in reversed(rows)]
