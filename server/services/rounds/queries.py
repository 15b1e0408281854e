"""List, lease, revise and answer queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.acquisition.budgets import spent_on
from core.acquisition.manifest import mask_name
from core.acquisition.pixel_sources import settled_sources
from core.data.classes import IGNORE_INDEX
from core.data.decoding import decode_label
from core.data.faults import DataFaultError
from core.data.samples import LabelMap
from core.errors import StorageError
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.models import Annotation, Assignment, Query, QueryBatch, Stage
from server.db.session import Database
from server.db.states import AssignmentState, QueryState
from server.errors import ContentMissingError, NotFoundError
from server.schemas import queries as schemas
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.rounds.answer_masks import (
    QueriedPixels,
    cut,
    stored_map,
)
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import (
    annotation_detail,
    answer_classes,
    closing_time,
    draft_infos,
    query_detail,
    query_summary,
)
from server.services.runs import runs, stages
from server.storage import Storage

SORT_COLUMNS = {
    schemas.QuerySort.RANK: Query.rank,
    schemas.QuerySort.IMAGE: Query.image,
    schemas.QuerySort.GROUP: Query.group,
    schemas.QuerySort.PIXELS: Query.pixels,
    schemas.QuerySort.CLASS: Query.main_class,
}
TEXT_SORTS = frozenset({schemas.QuerySort.IMAGE, schemas.QuerySort.GROUP})


@dataclass(frozen=True)
class Effort:
    """Author of an answer, its seconds and clicks, and its origin.

    Uncounted clicks are None; they are then estimated from the labels. An answer made from a draft names the draft's
    revision, and an answer that replaces another names the replaced version. `sources` (H, W) holds the known origins
    of the labels, and `regions` the effort of single regions.
    """

    author: str
    seconds: float
    clicks: int | None
    source: Literal["person", "import"] = "person"
    draft_revision: int | None = None
    replaces: int | None = None
    is_review: bool = False
    sources: LabelMap | None = None
    regions: Sequence[Mapping[str, float]] = ()


def list_page(session: Session, stage_id: str, query: schemas.QueryListQuery) -> schemas.QueryPage:
    """Return one page of a round's queries; raises NotFoundError."""
    stages.require(session, stage_id)
    wanted = select(Query).where(Query.stage_id == stage_id)
    if query.state:
        wanted = wanted.where(Query.state.in_(query.state))
    if query.image_contains is not None:
        wanted = wanted.where(Query.image.icontains(query.image_contains, autoescape=True))
    batch, counts = session.get(QueryBatch, stage_id), db.tally(session, stage_id)
    rows, last = split_page(session.scalars(_in_order(wanted, query).limit(query.limit + 1)).all(), query.limit)
    return schemas.QueryPage(
        items=[query_summary(row) for row in rows],
        next_cursor=_cursor(query.sort, last) if last else None,
        counts=schemas.QueryCounts(**counts),
        closes_at=closing_time(session, stage_id, counts),
        classes=answer_classes(session, batch) if batch is not None else [],
        ignore_id=batch.ignore_id if batch is not None else IGNORE_INDEX,
    )


def find(session: Session, query_id: str) -> Query:
    """Return one query; raises NotFoundError."""
    query = session.get(Query, query_id)
    if query is None:
        raise NotFoundError("query", query_id)
    runs.require(session, query.run_id)
    return query


def show(session: Session, query_id: str, viewer: str | None = None) -> schemas.QueryDetail:
    """Return one query in full, or the part that a viewer may see; raises NotFoundError."""
    return query_detail(session, find(session, query_id), viewer)


def find_annotation(session: Session, annotation_id: str) -> Annotation:
    """Return one version of an answer; raises NotFoundError."""
    annotation = session.get(Annotation, annotation_id)
    if annotation is None:
        raise NotFoundError("annotation", annotation_id)
    runs.require(session, annotation.run_id)
    return annotation


def find_answer(session: Session, query_id: str, version: int) -> Annotation:
    """Return a version of the answer to a query; raises NotFoundError."""
    find(session, query_id)
    statement = select(Annotation).where(Annotation.query_id == query_id, Annotation.version == version)
    annotation = session.scalars(statement).one_or_none()
    if annotation is None:
        raise NotFoundError(f"version {version} of the answer to query", query_id)
    return annotation


def lease_next(session: Session, stage_id: str, author: str, *, lease_s: float, cause: Cause) -> schemas.NextQuery:
    """Lease the best free query to an author; raises NotFoundError and RoundClosedError."""
    with as_problems():
        leased = db.lease_next(session, stage_id, author, lease_s=lease_s, cause=cause)
    query = query_detail(session, leased.query, author) if leased.query is not None else None
    return schemas.NextQuery(
        query=query,
        leased_to_you=leased.was_held,
        leased_to_others=_leased_to_others(session, stage_id, author),
        free_at=leased.free_at,
        counts=schemas.QueryCounts(**leased.counts),
    )


def _leased_to_others(session: Session, stage_id: str, author: str) -> int:
    of_others = (Assignment.state == AssignmentState.LEASED) & (Assignment.author != author)
    held = select(func.count(func.distinct(Assignment.query_id))).where(Assignment.stage_id == stage_id, of_others)
    return session.scalar(held) or 0


def revise(
    database: Database, storage: Storage, query_id: str, author: str, *, lease_s: float, cause: Cause
) -> schemas.QueryDetail:
    """Lease an answered query to an author who changes its answer. If there is no draft, the answer becomes one.

    Raises:
        NotFoundError, RoundClosedError, ContentMissingError, and IllegalTransition when there is no accepted answer.
    """
    with database.read() as session:
        query = find(session, query_id)
        own = session.get(Assignment, (query_id, author)) if query.answers_wanted > 1 else None
        version = own.version if own is not None else query.version
        answer = find_answer(session, query_id, version) if version else None
    labels = stored_map(storage, answer.mask_sha256, "answer") if answer is not None else None
    sources = answer.sources_sha256 if answer is not None else None
    drawn_by = cut(stored_map(storage, sources, "sources")) if sources is not None else {}
    with as_problems(), database.write() as session:
        revised = db.revise_answer(session, query_id, author, lease_s=lease_s, cause=cause)
        has_draft = any(info.author == author for info in draft_infos(session, query_id))
        if labels is not None and answer is not None and not has_draft:
            save = db.DraftSave(
                query_id, author, None, cut(labels), answer.seconds, answer.clicks, drawn_by, answer.regions
            )
            db.save_draft(session, save, lease_s=lease_s)
        return query_detail(session, revised, author)


@dataclass(frozen=True)
class Target:
    """A query to answer: the queried pixels, the teacher's proposal, and the image's labels from earlier rounds."""

    query: Query
    queried: QueriedPixels
    proposal: LabelMap
    earlier: LabelMap | None


def read_target(session: Session, storage: Storage, query_id: str) -> Target:
    """Read the data that an answer is checked against; raises NotFoundError and ContentMissingError."""
    query = find(session, query_id)
    return Target(
        query=query,
        queried=QueriedPixels.of(storage, session.get_one(QueryBatch, query.stage_id), query),
        proposal=stored_map(storage, query.proposal_sha256, "proposal"),
        earlier=_earlier_labels(session, storage, query),
    )


def _earlier_labels(session: Session, storage: Storage, query: Query) -> LabelMap | None:
    """Return the labels that earlier rounds gave the query's image; raises ContentMissingError."""
    name = mask_name(query.image)
    try:
        stored = db.earlier_labels(session, storage, session.get_one(Stage, query.stage_id))
        data = stored.read(name) if name in stored else None
        return decode_label(data, name, (query.width, query.height)) if data is not None else None
    except (StorageError, DataFaultError) as error:
        raise ContentMissingError(f"the earlier labels of {query.image!r} cannot be read from storage") from error


def store_answer(storage: Storage, target: Target, labels: LabelMap, effort: Effort) -> db.NewAnswer:
    """Put checked labels into storage."""
    ignore_id = target.queried.ignore_id
    with ThreadPoolExecutor(1) as beside:
        # Packing and counting take about as long as one another, and both let other threads run.
        clicks = beside.submit(_clicks, target.queried, labels, effort)
        facts = db.store_labels(storage, labels, ignore_id=ignore_id, proposal=target.proposal, earlier=target.earlier)
    sources = None
    if effort.sources is not None:
        settled = settled_sources(effort.sources, labels, ignore_id)
        sources = db.store_sources(storage, settled)
    return db.NewAnswer(
        query_id=target.query.id,
        author=effort.author,
        source=effort.source,
        facts=facts,
        clicks=clicks.result(),
        seconds=effort.seconds,
        draft_revision=effort.draft_revision,
        replaces=effort.replaces,
        is_review=effort.is_review,
        sources=sources,
        regions=effort.regions,
    )


def _clicks(queried: QueriedPixels, labels: LabelMap, effort: Effort) -> int:
    """Return the clicks that a person reported, or else count like the oracle: one for each filled piece."""
    if effort.clicks is not None:
        return effort.clicks
    region = queried.region if queried.region is not None else np.ones(labels.shape, np.bool_)
    return spent_on(labels, region, queried.ignore_id).clicks


def submit(
    database: Database, storage: Storage, answer: db.NewAnswer, warnings: list[str], cause: Cause
) -> schemas.Submission:
    """Store an answer, and close its round when it was the last one.

    Raises:
        NotFoundError, LeaseLostError, AlreadyAnsweredError, RoundClosedError, RevisionMismatchError.
    """
    with as_problems(), database.write() as session:
        submitted = db.submit(session, answer, cause=cause)
    stage_id, counts, closes_at = submitted.annotation.stage_id, submitted.counts, submitted.closes_at
    if submitted.counts[QueryState.SUBMITTED] and db.settle_round(database, storage, stage_id):
        with database.read() as session:
            counts = db.tally(session, stage_id)
            closes_at = closing_time(session, stage_id, counts)
    # Closing checks the time again under the round's lock.
    is_closed = closes_at is not None and db.close_round(
        database, storage, stage_id, cause=Cause("system", request_id=cause.request_id), by_itself=True
    )
    return schemas.Submission(
        annotation=annotation_detail(submitted.annotation),
        warnings=warnings,
        counts=schemas.QueryCounts(**counts),
        closes_at=None if is_closed else closes_at,
        is_round_closed=is_closed,
    )


def _cursor(sort: schemas.QuerySort, last: Query) -> str:
    return encode_cursor(f"queries {sort}", (getattr(last, SORT_COLUMNS[sort].key), last.id))


def _in_order(statement: Select[Query], query: schemas.QueryListQuery) -> Select[Query]:
    column = SORT_COLUMNS[query.sort]
    kind: type[str] | type[int] = str if query.sort in TEXT_SORTS else int
    after = decode_cursor(f"queries {query.sort}", query.cursor, (kind, str))
    if after is not None:
        statement = statement.where((column > after[0]) | ((column == after[0]) & (Query.id > after[1])))
    return statement.order_by(column, Query.id)
