"""Comments on queries and on points of their images (ANN-19)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import Session

from server.auth.people import annotator_name
from server.db import annotations as db
from server.db.models import Assignment, Query, QueryBatch, QueryComment
from server.db.states import QueryState
from server.errors import InvalidRequestError, NotFoundError
from server.schemas import hand_out as schemas
from server.schemas.page import Page
from server.services.paging import decode_cursor, encode_cursor, split_page
from server.services.rounds.queries import find
from server.services.rounds.query_problems import as_problems


def list_comments(session: Session, query_id: str, viewer: str | None) -> schemas.Comments:
    """Return the comments on a query that a viewer may see, oldest first; raises NotFoundError."""
    find(session, query_id)
    wanted = select(QueryComment).join(Query, Query.id == QueryComment.query_id).where(Query.id == query_id)
    rows = session.scalars(wanted.where(~_is_hidden_from(viewer)).order_by(QueryComment.created_at, QueryComment.id))
    return schemas.Comments(items=[schemas.Comment.model_validate(row) for row in rows])


def list_of_round(
    session: Session, stage_id: str, viewer: str | None, *, cursor: str | None, limit: int
) -> Page[schemas.RoundComment]:
    """Return the comments of a round that a viewer may see, newest first; raises NotFoundError."""
    if session.get(QueryBatch, stage_id) is None:
        raise NotFoundError("round of labelling at stage", stage_id)
    before = decode_cursor("comments", cursor, (str,))
    wanted = select(QueryComment, Query).join(Query, Query.id == QueryComment.query_id)
    wanted = wanted.where(Query.stage_id == stage_id, ~_is_hidden_from(viewer))
    if before is not None:
        wanted = wanted.where(QueryComment.id < before[0])
    rows = session.execute(wanted.order_by(QueryComment.id.desc()).limit(limit + 1)).all()
    page, last = split_page(rows, limit)
    return Page(
        items=[
            schemas.RoundComment(
                **schemas.Comment.model_validate(comment).model_dump(), image=query.image, rank=query.rank
            )
            for comment, query in page
        ],
        next_cursor=None if last is None else encode_cursor("comments", (last[0].id,)),
    )


def _is_hidden_from(viewer: str | None) -> ColumnElement[bool]:
    """Condition: a comment of somebody who answers the query independently of the viewer, before its label is made."""
    viewer = viewer or annotator_name()
    if viewer is None:
        return false()
    is_blind = and_(Query.answers_wanted > 1, Query.state != QueryState.ACCEPTED)
    works = select(Assignment.query_id).where(
        Assignment.query_id == QueryComment.query_id, Assignment.author == QueryComment.author
    )
    return and_(is_blind, QueryComment.author != viewer, works.exists())


def add_comment(session: Session, query_id: str, body: schemas.CommentBody) -> schemas.Comment:
    """Store a comment on a query; raises NotFoundError, and InvalidRequestError for a point outside the image."""
    query = find(session, query_id)
    if (body.x is None) != (body.y is None):
        raise InvalidRequestError.of_body(
            "a point has a column and a row; give x and y, or neither", "half_point", "/x"
        )
    if body.x is not None and body.y is not None and not _is_inside(query, body.x, body.y):
        message = f"x {body.x}, y {body.y} lies outside of the image of {query.width}x{query.height} pixels"
        raise InvalidRequestError.of_body(message, "outside_image", "/x")
    comment = QueryComment(query_id=query_id, author=body.author, text=body.text, x=body.x, y=body.y)
    with as_problems():
        return schemas.Comment.model_validate(db.add_comment(session, comment))


def _is_inside(query: Query, x: int, y: int) -> bool:
    return x < query.width and y < query.height


def resolve_comment(session: Session, comment_id: str, author: str) -> schemas.Comment:
    """Mark a comment as resolved; raises NotFoundError."""
    with as_problems():
        return schemas.Comment.model_validate(db.resolve_comment(session, comment_id, author))
