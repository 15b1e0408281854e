"""Hand out a round's queries to people, and keep their comments (ANN-5, ANN-19)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.auth.people import annotator_name, is_hidden
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.models import Annotation, Assignment, Query, QueryBatch, QueryComment
from server.db.states import AssignmentState
from server.errors import InvalidRequestError, NotFoundError
from server.schemas import hand_out as schemas
from server.services.experiments.classes import classes_of_run
from server.services.rounds.queries import find
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import is_blind
from server.services.runs import stages


def show(session: Session, stage_id: str) -> schemas.HandOut:
    """Return a round's hand-out rules and each person's work; raises NotFoundError."""
    stages.require(session, stage_id)
    batch = session.get(QueryBatch, stage_id)
    if batch is None:
        raise NotFoundError("round of labelling at stage", stage_id)
    return schemas.HandOut(
        stage_id=stage_id,
        overlap=db.overlap_of(session, stage_id),
        ties="review" if batch.ties == "review" else "ignore",
        assignment="fixed" if batch.assignment == "fixed" else "pull",
        annotators=batch.annotators,
        instructions=batch.instructions or "",
        class_instructions=batch.class_instructions,
        people=_people(session, stage_id),
    )


def _people(session: Session, stage_id: str) -> list[schemas.Worker]:
    grouped = select(Assignment.author, Assignment.state, func.count()).where(Assignment.stage_id == stage_id)
    counts: dict[str, dict[str, int]] = {}
    for author, state, number in session.execute(grouped.group_by(Assignment.author, Assignment.state)):
        counts.setdefault(author, {})[state] = number
    answer = (Annotation.query_id == Assignment.query_id) & (Annotation.version == Assignment.version)
    effort = select(Assignment.author, func.sum(Annotation.clicks), func.sum(Annotation.seconds)).join(
        Annotation, answer
    )
    is_given = (Assignment.stage_id == stage_id) & (Assignment.state == AssignmentState.ANSWERED)
    spent = {
        author: (int(clicks), float(seconds))
        for author, clicks, seconds in session.execute(effort.where(is_given).group_by(Assignment.author))
    }
    return [
        schemas.Worker(
            author=author,
            **{state.value: counts[author].get(state, 0) for state in AssignmentState},
            clicks=spent.get(author, (0, 0.0))[0],
            seconds=round(spent.get(author, (0, 0.0))[1], 3),
        )
        for author in sorted(counts)
        if not is_hidden(author)
    ]


def change(session: Session, stage_id: str, body: schemas.HandOutChange, cause: Cause) -> schemas.HandOut:
    """Hand out the open queries anew, and change the instructions.

    Raises:
        NotFoundError, RoundClosedError, and InvalidRequestError for a class that the run lacks, or too few people.
    """
    batch = session.get(QueryBatch, stage_id)
    if batch is not None:
        known = classes_of_run(session, batch.run_id)
        names = {known.label(raw_id).name for raw_id in batch.class_ids}
        unknown = sorted(set(body.class_instructions) - names)
        if unknown:
            message = f"no class is called {', '.join(unknown[:5])}; the round has {', '.join(sorted(names)[:20])}"
            raise InvalidRequestError.of_body(message, "unknown_class", "/class_instructions")
    new = db.NewHandOut(body.assignment, tuple(body.annotators), body.instructions, body.class_instructions)
    try:
        with as_problems():
            db.change_hand_out(session, stage_id, new, cause=cause)
    except ValueError as error:
        raise InvalidRequestError.of_body(str(error), "wrong_people", "/annotators") from error
    return show(session, stage_id)


def list_comments(session: Session, query_id: str, viewer: str | None) -> schemas.Comments:
    """Return the comments on a query that a viewer may see; raises NotFoundError.

    People who answer independently do not see each other's comments before the label is made.
    """
    query, viewer = find(session, query_id), viewer or annotator_name()
    wanted = select(QueryComment).where(QueryComment.query_id == query_id).order_by(QueryComment.created_at)
    rows = list(session.scalars(wanted.order_by(QueryComment.id)))
    if viewer is not None and is_blind(query):
        at_work = set(session.scalars(select(Assignment.author).where(Assignment.query_id == query_id)))
        rows = [row for row in rows if row.author == viewer or row.author not in at_work]
    return schemas.Comments(items=[schemas.Comment.model_validate(row) for row in rows])


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
