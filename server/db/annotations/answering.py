"""Answers become versions; without review each is accepted at once (ANN-1, ANN-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.annotations.completion import begin_grace, closing_time
from server.db.annotations.drafts import drop_draft, require_revision
from server.db.annotations.leasing import LeaseLost
from server.db.annotations.rounds import RoundClosed, announce, lock_query, lock_round
from server.db.annotations.stored_labels import LabelFacts, SourceFacts
from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import move_query
from server.db.models import Annotation, Query, Stage
from server.db.states import QueryState, StageState

ANSWERABLE = frozenset({QueryState.OPEN, QueryState.LEASED, QueryState.SKIPPED, QueryState.ACCEPTED})


class AnsweredByAnother(Exception):
    """Somebody else's answer is accepted, and the new one does not say that it replaces it.

    Attributes:
        author, version: of the accepted answer.
    """

    def __init__(self, query: Query) -> None:
        super().__init__(f"query {query.id} was answered by {query.author!r}, version {query.version}")
        self.author, self.version = query.author, query.version


@dataclass(frozen=True)
class NewAnswer:
    """An answer to a query before it is stored.

    Attributes:
        query_id: which query it answers.
        author: name of the person, or of the oracle.
        source: `person`, `oracle` or `import`.
        facts: the labels, which are in storage.
        clicks, seconds: effort of the author.
        draft_revision: of the author's draft that it was made from, 0 = there was none; None = it was sent as a whole.
        replaces: version of somebody else's answer that it is to take the place of; one's own needs no leave.
        sources: where its labels come from; None = unknown.
        regions: what single regions took; see `server.db.models.Annotation`.
    """

    query_id: str
    author: str
    source: str
    facts: LabelFacts
    clicks: int
    seconds: float
    draft_revision: int | None = None
    replaces: int | None = None
    sources: SourceFacts | None = None
    regions: Sequence[Mapping[str, float]] = ()


@dataclass(frozen=True)
class Submitted:
    """A stored answer.

    Attributes:
        annotation: the version.
        counts: queries of the round by state.
        closes_at: when the round closes by itself, now complete; None where it still waits for somebody.
        closes_round: whether that is now.
    """

    annotation: Annotation
    counts: dict[str, int]
    closes_at: datetime | None
    closes_round: bool


def submit(session: Session, answer: NewAnswer, *, cause: Cause) -> Submitted:
    """Store an answer of a person as the newest version, and accept it; sent twice it is stored once.

    An answer to a query that was answered before its round was closed is kept as a late version: no manifest and no
    checkpoint changes. The author's draft is dropped once its work has become an answer: that of a repeated answer that
    was sent as a whole stays, for it is newer.

    Raises:
        UnknownQuery: if there is no such query.
        StaleDraft: if the author's draft has changed since the answer was made from it.
        LeaseLost: if somebody else has it.
        AnsweredByAnother: if somebody else has answered it, and `replaces` is not the version of that.
        RoundClosed: if its round takes no answers, and the query had none.
    """
    label_round, query = lock_query(session, answer.query_id)
    is_late = require_answerable(session, label_round.stage, query, answer.author, answer.replaces)
    if answer.draft_revision is not None:
        require_revision(session, query.id, answer.author, answer.draft_revision)
    newest = _newest(session, query)
    is_repeated = newest is not None and _is_same(newest, answer) and query.state == QueryState.ACCEPTED
    if newest is not None and is_repeated:
        annotation = newest
    else:
        annotation = _store(session, query, answer, is_late=is_late)
        if not is_late:
            _accept(session, query, answer.author, cause)
            begin_grace(label_round.batch, database_now(session))
    if not is_repeated or answer.draft_revision is not None:
        drop_draft(session, query.id, answer.author)
    counts = announce(session, label_round.stage, query)
    now = database_now(session)
    closes_at = closing_time(label_round.batch, counts, now) if label_round.is_waiting else None
    return Submitted(annotation, counts, closes_at, closes_at is not None and closes_at <= now)


def record_oracle_answers(session: Session, stage_id: str, answers: Iterable[NewAnswer], *, cause: Cause) -> int:
    """Store what the oracle answered; a repeated attempt changes nothing. Returns how many are new."""
    label_round = lock_round(session, stage_id)
    queries = {query.id: query for query in session.scalars(select(Query).where(Query.stage_id == stage_id))}
    stored = 0
    for answer in answers:
        query = queries[answer.query_id]
        if query.state == QueryState.ACCEPTED:
            continue
        _store(session, query, answer, is_late=False)
        _accept(session, query, answer.author, cause)
        stored += 1
    if stored:
        announce(session, label_round.stage)
    return stored


def require_answerable(session: Session, stage: Stage, query: Query, author: str, replaces: int | None) -> bool:
    """Check that somebody may answer a query now, and return whether the answer would be a late one.

    Raises:
        LeaseLost, AnsweredByAnother, RoundClosed: see `submit`.
    """
    if stage.state != StageState.WAITING_ANNOTATION:
        if stage.state == StageState.SUCCEEDED and query.state == QueryState.ACCEPTED:
            return True
        raise RoundClosed(stage)
    is_anothers = query.author != author
    is_over = query.lease_until is not None and query.lease_until < database_now(session)
    if query.state not in ANSWERABLE or (query.state == QueryState.LEASED and is_anothers and not is_over):
        raise LeaseLost(query, author)
    if query.state == QueryState.ACCEPTED and is_anothers and replaces != query.version:
        raise AnsweredByAnother(query)
    return False


def _newest(session: Session, query: Query) -> Annotation | None:
    statement = select(Annotation).where(Annotation.query_id == query.id).order_by(Annotation.version.desc()).limit(1)
    return session.scalars(statement).one_or_none()


def version_with(session: Session, query_id: str, author: str, mask_sha256: str) -> int | None:
    """Return the version in which somebody has given these labels already; None where there is none."""
    same = (Annotation.query_id == query_id) & (Annotation.author == author) & (Annotation.mask_sha256 == mask_sha256)
    return session.scalar(select(func.max(Annotation.version)).where(same))


def _is_same(annotation: Annotation, answer: NewAnswer) -> bool:
    return (annotation.author, annotation.mask_sha256) == (answer.author, answer.facts.mask_sha256)


def _store(session: Session, query: Query, answer: NewAnswer, *, is_late: bool) -> Annotation:
    newest = _newest(session, query)
    annotation = Annotation(
        run_id=query.run_id,
        stage_id=query.stage_id,
        query_id=query.id,
        version=(newest.version if newest is not None else 0) + 1,
        author=answer.author,
        source=answer.source,
        clicks=answer.clicks,
        seconds=answer.seconds,
        is_late=is_late,
        created_at=database_now(session),
        regions=list(answer.regions),
        **asdict(answer.facts),
        **(asdict(answer.sources) if answer.sources is not None else {}),
    )
    session.add(annotation)
    if not is_late:
        query.version = annotation.version
    session.flush()
    return annotation


def _accept(session: Session, query: Query, author: str, cause: Cause) -> None:
    columns = {"author": author, "lease_until": None}
    move_query(session, query, QueryState.SUBMITTED, cause, columns)
    move_query(session, query, QueryState.ACCEPTED, cause.follow_up())
