"""Hand out a round's queries to people, and tell them how to answer (ANN-5, ANN-19)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.auth.people import is_hidden
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.models import Annotation, Assignment, QueryBatch
from server.db.states import AssignmentState
from server.errors import InvalidRequestError, NotFoundError
from server.schemas import hand_out as schemas
from server.services.experiments.classes import classes_of_run
from server.services.rounds.query_problems import as_problems
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
