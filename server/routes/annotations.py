"""Answers: whole masks, and their versions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from fastapi import APIRouter, Query

from server.dependencies import PngBody, QueryId
from server.routes.answer_context import AnswerContextDep
from server.routes.answers import failures
from server.routes.content import PNG
from server.schemas.queries import AnswerTerms, Submission
from server.services.rounds import queries
from server.services.rounds.answer_masks import check_answer, decode_mask
from server.services.rounds.kept_answers import SentMask, submit_or_keep
from server.services.rounds.queries import Effort

router = APIRouter(tags=["queries"])

PNG_REQUEST: dict[str, Any] = {"requestBody": {"required": True, **PNG}}
CHANGES = failures(400, 404, 409, 410, 415, 422)


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
    with context.database.read() as session, ThreadPoolExecutor(1) as beside:
        query = queries.find(session, query_id)
        sent_labels = beside.submit(decode_mask, png, (query.width, query.height))
        target = queries.read_target(session, context.storage, query_id)
    labels = sent_labels.result()
    warnings = check_answer(labels, target.queried, allow_unsure=terms.allow_unsure)
    effort = Effort(terms.author, terms.seconds, terms.clicks, replaces=terms.replaces, is_review=bool(terms.review))
    sent = SentMask(labels, queries.store_answer(context.storage, target, labels, effort), warnings)
    return submit_or_keep(context.database, context.storage, sent, context.cause(terms.author), lease_s=context.lease_s)
