"""Drafts: unfinished work, and making it the answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from server.dependencies import DatabaseDep, IfMatch, QueryId
from server.routes.answer_context import AnswerContextDep
from server.routes.answers import failures
from server.schemas.queries import AuthorName, DraftBody, DraftSaved, DraftSubmit, DraftTiles, Submission
from server.services.revisions import draft_revision, etag
from server.services.rounds import drafts, queries
from server.services.rounds.answer_masks import check_answer

router = APIRouter(tags=["queries"])

Author = Annotated[AuthorName, Query(description="Who answers; a name, until there are accounts.")]


@router.put(
    "/queries/{query_id}/draft",
    operation_id="save_draft",
    summary="Keep unfinished work",
    responses=failures(400, 404, 410, 412, 415, 422, 428),
)
def save_draft(
    query_id: QueryId,
    body: DraftBody,
    context: AnswerContextDep,
    response: Response,
    if_match: IfMatch = None,
) -> DraftSaved:
    """Send tiles that changed since the revision that If-Match names; a leased query stays leased from now on."""
    revision = draft_revision(if_match)
    queried = drafts.queried_pixels(context.database, context.storage, query_id)
    save = drafts.checked_save(query_id, revision, body, queried)
    with context.database.write() as session:
        saved = drafts.save_draft(session, save, lease_s=context.lease_s)
    response.headers["ETag"] = etag(saved.revision)
    return saved


@router.get(
    "/queries/{query_id}/draft", operation_id="show_draft", summary="Unfinished work", responses=failures(404, 422)
)
def show_draft(query_id: QueryId, author: Author, database: DatabaseDep, response: Response) -> DraftTiles:
    """Return somebody's draft with all its tiles."""
    with database.read() as session:
        draft = drafts.read_draft(session, query_id, author)
    response.headers["ETag"] = etag(draft.revision)
    return draft


@router.post(
    "/queries/{query_id}/draft/submit",
    operation_id="submit_draft",
    status_code=201,
    summary="Answer a query with a draft",
    responses=failures(400, 404, 409, 410, 412, 415, 422, 428),
)
def submit_draft(
    query_id: QueryId, body: DraftSubmit, context: AnswerContextDep, if_match: IfMatch = None
) -> Submission:
    """Make the author's draft the answer: its tiles over the teacher's proposal, which is accepted where none is.

    If-Match names the revision of the draft, "0" where there is none; a draft that was saved since is never dropped.
    """
    revision = draft_revision(if_match)
    with context.database.read() as session:
        target = queries.read_target(session, context.storage, query_id)
        labels, effort = drafts.drafted_answer(session, target, body, revision)
    warnings = check_answer(labels, target.queried, allow_unsure=body.allow_unsure)
    answer = queries.store_answer(context.storage, target, labels, effort)
    return queries.submit(context.database, context.storage, answer, warnings, context.cause(body.author))
