"""Queries: listed, leased, given back, skipped; their pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.db import annotations as db
from server.db.lifecycle import Cause
from server.dependencies import DatabaseDep, QueryId, RequestId, SettingsDep, StageId, StorageDep
from server.routes.answers import failures
from server.schemas.queries import AuthorName, By, NextQuery, QueryDetail, QueryListQuery, QueryPage, Rejection, Skip
from server.services.rounds import queries
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import query_detail

router = APIRouter(tags=["queries"])

CHANGES = failures(400, 404, 409, 415, 422)

Viewer = Annotated[
    AuthorName | None,
    Query(description="Who looks: while independent answers are awaited, they are shown their own work alone."),
]


@router.get(
    "/stages/{stage_id}/queries",
    operation_id="list_queries",
    summary="Queries of a round",
    responses=failures(404, 422),
)
def list_queries(stage_id: StageId, database: DatabaseDep, query: Annotated[QueryListQuery, Query()]) -> QueryPage:
    """Return what a label stage asks, by default all of it, the most wanted first."""
    with database.read() as session:
        return queries.list_page(session, stage_id, query)


@router.post(
    "/stages/{stage_id}/queries/next",
    operation_id="lease_next_query",
    summary="Lease the next query",
    responses=CHANGES,
)
def lease_next_query(
    stage_id: StageId, body: By, database: DatabaseDep, settings: SettingsDep, request_id: RequestId
) -> NextQuery:
    """Give the most wanted query that nobody has to the author, for 15 minutes; any save of a draft prolongs that.

    Who has a query already gets that one first.
    """
    with database.write() as session:
        return queries.lease_next(
            session, stage_id, body.author, lease_s=settings.item_lease_s, cause=_cause(body, request_id)
        )


@router.get("/queries/{query_id}", operation_id="show_query", summary="Show a query", responses=failures(404, 422))
def show_query(query_id: QueryId, database: DatabaseDep, viewer: Viewer = None) -> QueryDetail:
    """Return one query with its classes, drafts, versions of the answer, and history."""
    with database.read() as session:
        return queries.show(session, query_id, viewer)


@router.post("/queries/{query_id}/lease", operation_id="lease_query", summary="Lease a query", responses=CHANGES)
def lease_query(
    query_id: QueryId, body: By, database: DatabaseDep, settings: SettingsDep, request_id: RequestId
) -> QueryDetail:
    """Give a query of the author's own choice to the author, where nobody else has it."""
    with as_problems(), database.write() as session:
        query = db.lease_query(
            session, query_id, body.author, lease_s=settings.item_lease_s, cause=_cause(body, request_id)
        )
        return query_detail(session, query, body.author)


@router.post(
    "/queries/{query_id}/renew", operation_id="renew_query_lease", summary="Prolong a lease", responses=CHANGES
)
def renew_query_lease(query_id: QueryId, body: By, database: DatabaseDep, settings: SettingsDep) -> QueryDetail:
    """Keep a leased query for another 15 minutes; to be sent while somebody works, and not while nobody does."""
    with as_problems(), database.write() as session:
        return query_detail(
            session, db.renew_lease(session, query_id, body.author, lease_s=settings.item_lease_s), body.author
        )


@router.post(
    "/queries/{query_id}/release", operation_id="release_query", summary="Give a query back", responses=CHANGES
)
def release_query(query_id: QueryId, body: By, database: DatabaseDep, request_id: RequestId) -> QueryDetail:
    """Let others have a leased query; the draft is kept."""
    with as_problems(), database.write() as session:
        return query_detail(
            session, db.release(session, query_id, body.author, cause=_cause(body, request_id)), body.author
        )


@router.post("/queries/{query_id}/skip", operation_id="skip_query", summary="Skip a query", responses=CHANGES)
def skip_query(query_id: QueryId, body: Skip, database: DatabaseDep, request_id: RequestId) -> QueryDetail:
    """Leave a leased query unanswered and say why; the round does not wait for it any more.

    Others may still take it. One that two people skip goes to a researcher, whose `review` decides.
    """
    with as_problems(), database.write() as session:
        act = db.leave_reviewed if body.review else db.skip
        query = act(session, query_id, body.author, body.reason, cause=_cause(body, request_id))
        return query_detail(session, query, body.author)


@router.post("/queries/{query_id}/reopen", operation_id="reopen_query", summary="Ask a query again", responses=CHANGES)
def reopen_query(query_id: QueryId, body: By, database: DatabaseDep, request_id: RequestId) -> QueryDetail:
    """Ask again, and everybody, what was skipped or went to a researcher."""
    with as_problems(), database.write() as session:
        return query_detail(session, db.reopen_query(session, query_id, cause=_cause(body, request_id)))


@router.post(
    "/queries/{query_id}/accept", operation_id="accept_review", summary="Accept what is in review", responses=CHANGES
)
def accept_review(query_id: QueryId, body: By, database: DatabaseDep, request_id: RequestId) -> QueryDetail:
    """Accept the label that independent answers came to as it stands, although they disagree somewhere."""
    with as_problems(), database.write() as session:
        return query_detail(session, db.accept_reviewed(session, query_id, cause=_cause(body, request_id)))


@router.post(
    "/queries/{query_id}/reject", operation_id="reject_answer", summary="Send an answer back", responses=CHANGES
)
def reject_answer(query_id: QueryId, body: Rejection, database: DatabaseDep, request_id: RequestId) -> QueryDetail:
    """Open an answered query again with a note; the version stays in its history."""
    with as_problems(), database.write() as session:
        query = db.reject_answer(session, query_id, body.note, cause=_cause(body, request_id))
        return query_detail(session, query, body.author)


@router.post(
    "/queries/{query_id}/revise", operation_id="revise_answer", summary="Take an answer up again", responses=CHANGES
)
def revise_answer(
    query_id: QueryId,
    body: By,
    database: DatabaseDep,
    storage: StorageDep,
    settings: SettingsDep,
    request_id: RequestId,
) -> QueryDetail:
    """Lease an answered query to the author, with the answer as draft; it counts no more until it is answered again.

    So the last answer of a round is taken back before the round closes.
    """
    return queries.revise(
        database, storage, query_id, body.author, lease_s=settings.item_lease_s, cause=_cause(body, request_id)
    )


def _cause(body: By, request_id: str) -> Cause:
    return Cause(f"user:{body.author}", request_id=request_id)
