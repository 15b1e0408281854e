"""What people say about a query, or a point of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.dependencies import CommentId, Cursor, DatabaseDep, Limit, QueryId, StageId
from server.routes.answers import failures
from server.schemas.hand_out import Comment, CommentBody, Comments, RoundComment
from server.schemas.page import Page
from server.schemas.queries import AuthorName, By
from server.services.rounds import comments

router = APIRouter(tags=["queries"])


Viewer = Annotated[
    AuthorName | None,
    Query(description="Who looks: they see no comment of those from whom they answer independently."),
]


@router.get(
    "/queries/{query_id}/comments",
    operation_id="list_query_comments",
    summary="Comments on a query",
    responses=failures(404, 422),
)
def list_query_comments(query_id: QueryId, database: DatabaseDep, viewer: Viewer = None) -> Comments:
    """Return what people said about a query, the oldest first."""
    with database.read() as session:
        return comments.list_comments(session, query_id, viewer)


@router.get(
    "/stages/{stage_id}/comments",
    operation_id="list_round_comments",
    summary="Comments of a round",
    responses=failures(404, 422),
)
def list_round_comments(
    stage_id: StageId, database: DatabaseDep, viewer: Viewer = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[RoundComment]:
    """Return what people said about the queries of a round, the newest first."""
    with database.read() as session:
        return comments.list_of_round(session, stage_id, viewer, cursor=cursor, limit=limit)


@router.post(
    "/queries/{query_id}/comments",
    operation_id="comment_on_query",
    status_code=201,
    summary="Comment on a query",
    responses=failures(400, 404, 415, 422),
)
def comment_on_query(query_id: QueryId, body: CommentBody, database: DatabaseDep) -> Comment:
    """Say something about a query, or about the point at `x` and `y` of its image; in any state of its round."""
    with database.write() as session:
        return comments.add_comment(session, query_id, body)


@router.post(
    "/comments/{comment_id}/resolve",
    operation_id="resolve_comment",
    summary="Say that a comment is dealt with",
    responses=failures(400, 404, 415, 422),
)
def resolve_comment(comment_id: CommentId, body: By, database: DatabaseDep) -> Comment:
    """Note who dealt with a comment; a second time changes nothing."""
    with database.write() as session:
        return comments.resolve_comment(session, comment_id, body.author)
