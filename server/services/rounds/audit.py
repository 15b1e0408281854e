"""History of a query: who opened, saved, answered and reviewed it, and which stages trained on it (QA-5)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.models import Annotation, Attempt, Draft, Query, QueryComment, Stage, Transition
from server.db.states import QueryState, StageState
from server.schemas.hand_out import AuditEntry, AuditTrail
from server.services.rounds.queries import find


def trail(session: Session, query_id: str) -> AuditTrail:
    """Return the history of a query, oldest first; raises NotFoundError."""
    query = find(session, query_id)
    entries = [*_moves(session, query), *_work(session, query), *_uses(session, query)]
    return AuditTrail(query_id=query_id, entries=sorted(entries, key=lambda entry: entry.at))


def _moves(session: Session, query: Query) -> Iterator[AuditEntry]:
    rows = session.scalars(select(Transition).where(Transition.subject_id == query.id).order_by(Transition.id))
    for row in rows:
        yield AuditEntry(at=row.at, who=row.cause, what="moved", state=row.to_state, message=row.message)


def _work(session: Session, query: Query) -> Iterator[AuditEntry]:
    answers = select(Annotation).where(Annotation.query_id == query.id).order_by(Annotation.version)
    for answer in session.scalars(answers):
        made = f"{answer.source}, {answer.clicks} clicks, {answer.seconds:g} s"
        if answer.parents:
            made = f"made from versions {', '.join(map(str, answer.parents))}"
        late = "; after the round was closed" if answer.is_late else ""
        who = f"user:{answer.author}" if answer.source in {"person", "import"} else answer.author
        yield AuditEntry(
            at=answer.created_at,
            who=who,
            what="answered",
            version=answer.version,
            pixels=answer.pixels,
            message=made + late,
        )
    for draft in session.scalars(select(Draft).where(Draft.query_id == query.id)):
        yield AuditEntry(at=draft.saved_at, who=f"user:{draft.author}", what="drafted", version=draft.revision)
    for comment in session.scalars(select(QueryComment).where(QueryComment.query_id == query.id)):
        yield AuditEntry(at=comment.created_at, who=f"user:{comment.author}", what="commented", message=comment.text)


def _uses(session: Session, query: Query) -> Iterator[AuditEntry]:
    """Yield the time the answer was frozen, and the stages that trained on it."""
    label = session.get_one(Stage, query.stage_id)
    if label.state != StageState.SUCCEEDED or label.finished_at is None or query.state != QueryState.ACCEPTED:
        return
    yield AuditEntry(
        at=label.finished_at,
        who="system",
        what="frozen",
        version=query.version,
        message=f"in the labels of {label.name}",
    )
    is_later = (Stage.run_id == query.run_id) & (Stage.index > label.index)
    begun = select(Stage.name, Attempt).join(Attempt, Attempt.stage_id == Stage.id).where(is_later)
    for name, attempt in session.execute(begun.order_by(Attempt.started_at)):
        who, message = f"worker:{attempt.worker_id}", f"by attempt {attempt.number} of {name}"
        yield AuditEntry(at=attempt.started_at, who=who, what="used", version=query.version, message=message)
