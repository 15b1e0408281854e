"""Change a round's hand-out rules, and store comments on queries (ANN-5, ANN-19)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.streams.assistant import AssistantModel
from core.streams.hand_out import check_people
from server.db.annotations.rounds import announce, lock_query, lock_round
from server.db.assistants import request_assistant
from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import record_remark
from server.db.lifecycle.queries import distribute
from server.db.models import Query, QueryBatch, QueryComment


class UnknownComment(LookupError):
    """There is no comment with this id."""

    def __init__(self, comment_id: str) -> None:
        super().__init__(f"comment {comment_id} does not exist")
        self.comment_id = comment_id


@dataclass(frozen=True)
class NewHandOut:
    """The new hand-out rules; see `core.streams.hand_out.HandOut`."""

    assignment: str
    annotators: tuple[str, ...]
    instructions: str
    class_instructions: dict[str, str]


def change_hand_out(session: Session, stage_id: str, change: NewHandOut, *, cause: Cause) -> QueryBatch:
    """Hand out a round's open queries anew, and change the instructions; work in progress stays.

    Raises:
        UnknownRound: if the stage has no queries.
        RoundClosed: if it does not wait for people.
        ValueError: if these people cannot answer the round.
    """
    label_round = lock_round(session, stage_id)
    label_round.require_waiting()
    batch = label_round.batch
    check_people(change.annotators, overlap_of(session, stage_id), change.assignment)
    is_other = (batch.assignment, batch.annotators) != (change.assignment, list(change.annotators))
    batch.assignment, batch.annotators = change.assignment, list(change.annotators)
    batch.instructions, batch.class_instructions = change.instructions, change.class_instructions
    session.flush()
    if is_other:
        distribute(session, batch)
    record_remark(session, label_round.stage, label_round.run.id, cause.follow_up("hand_out", "handed out anew"))
    announce(session, label_round.stage)
    return batch


def choose_assistant(session: Session, stage_id: str, choice: AssistantModel, *, remark: str, cause: Cause) -> None:
    """Let another model answer clicks in a round; raises UnknownRound and RoundClosed."""
    label_round = lock_round(session, stage_id)
    label_round.require_waiting()
    request_assistant(session, stage_id, choice)
    record_remark(session, label_round.stage, label_round.run.id, cause.follow_up("assistant", remark))


def overlap_of(session: Session, stage_id: str) -> int:
    """Return the largest number of independent answers that a query of a round wants; 1 without queries."""
    return session.scalar(select(func.max(Query.answers_wanted)).where(Query.stage_id == stage_id)) or 1


def add_comment(session: Session, comment: QueryComment) -> QueryComment:
    """Store a comment on a query, and announce it in the run's feed; raises UnknownQuery."""
    label_round, query = lock_query(session, comment.query_id)
    comment.created_at = database_now(session)
    session.add(comment)
    session.flush()
    announce(session, label_round.stage, query)
    return comment


def resolve_comment(session: Session, comment_id: str, author: str) -> QueryComment:
    """Mark a comment as resolved; raises UnknownComment."""
    comment = session.get(QueryComment, comment_id)
    if comment is None:
        raise UnknownComment(comment_id)
    label_round, query = lock_query(session, comment.query_id)
    if comment.resolved_at is None:
        comment.resolved_by, comment.resolved_at = author, database_now(session)
        session.flush()
        announce(session, label_round.stage, query)
    return comment
