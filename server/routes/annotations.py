"""Answers: drafts, whole masks, and their versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.session import Database
from server.dependencies import (
    DatabaseDep,
    IfMatch,
    PngBody,
    QueryId,
    RequestId,
    SettingsDep,
    StorageDep,
)
from server.routes.answers import failures
from server.routes.content import PNG
from server.schemas.queries import (
    AnswerTerms,
    AuthorName,
    DraftBody,
    DraftSaved,
    DraftSubmit,
    DraftTiles,
    Submission,
)
from server.services.revisions import draft_revision, etag
from server.services.rounds import queries
from server.services.rounds.answer_masks import check_answer, decode_mask
from server.services.rounds.kept_answers import SentMask, submit_or_keep
from server.services.rounds.queries import Effort
from server.storage import Storage

router = APIRouter(tags=["queries"])

PNG_REQUEST: dict[str, Any] = {"requestBody": {"required": True, **PNG}}
CHANGES = failures(400, 404, 409, 410, 415, 422)

Author = Annotated[AuthorName, Query(description="Who answers; a name, until there are accounts.")]


@dataclass(frozen=True)
class AnswerContext:
    """What a route needs to store an answer or a draft."""

    database: Database
    storage: Storage
    lease_s: float
    request_id: str

    def cause(self, author: str) -> Cause:
        """Return the cause of what an author does in this request."""
        return Cause(f"user:{author}", request_id=self.request_id)


async def get_answer_context(
    database: DatabaseDep, storage: StorageDep, settings: SettingsDep, request_id: RequestId
) -> AnswerContext:
    """Return what a route needs to store an answer or a draft."""
    return AnswerContext(database, storage, settings.item_lease_s, request_id)


AnswerContextDep = Annotated[AnswerContext, Depends(get_answer_context)]


@router.post(
    "/queries/{query_id}/annotations",
    operation_id="submit_annotation",
    status_code=201,
    summary="Answer a query",
    responses=CHANGES,
    openapi_extra=PNG_REQUEST,
)
def submit_annotation(
    query_id: QueryId,
    png: PngBody,
    context: AnswerContextDep,
    terms: Annotated[AnswerTerms, Query()],
) -> Submission:
    """Send the labels as an index PNG of raw ids of the image's size, with the ignore id outside of the queried pixels.

    The answer is accepted at once, as a new version where there is one already; the last answer closes the round. One
    that is refused because somebody else has the query or has answered it, or because the round is closed, is kept as
    the author's draft.
    """
    with context.database.read() as session:
        target = queries.read_target(session, context.storage, query_id)
    labels = decode_mask(png, target.queried.size)
    warnings = check_answer(labels, target.queried, allow_unsure=terms.allow_unsure)
    effort = Effort(terms.author, terms.seconds, terms.clicks, replaces=terms.replaces)
    sent = SentMask(labels, queries.store_answer(context.storage, target, labels, effort), warnings)
    return submit_or_keep(context.database, context.storage, sent, context.cause(terms.author), lease_s=context.lease_s)


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
    tiles = queries.checked_tiles(body, queries.queried_pixels(context.database, context.storage, query_id))
    save = db.DraftSave(query_id, body.author, revision, tiles, body.seconds, body.clicks)
    with context.database.write() as session:
        saved = queries.save_draft(session, save, lease_s=context.lease_s)
    response.headers["ETag"] = etag(saved.revision)
    return saved


@router.get(
    "/queries/{query_id}/draft", operation_id="show_draft", summary="Unfinished work", responses=failures(404, 422)
)
def show_draft(query_id: QueryId, author: Author, database: DatabaseDep, response: Response) -> DraftTiles:
    """Return somebody's draft with all its tiles."""
    with database.read() as session:
        draft = queries.read_draft(session, query_id, author)
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
        labels, effort = queries.drafted_answer(session, target, body, revision)
    warnings = check_answer(labels, target.queried, allow_unsure=body.allow_unsure)
    answer = queries.store_answer(context.storage, target, labels, effort)
    return queries.submit(context.database, context.storage, answer, warnings, context.cause(body.author))
