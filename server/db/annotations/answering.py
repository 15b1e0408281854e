"""Store answers as versions; without review each is accepted at once (ANN-1, ANN-4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.annotations.assignments import assign, assignments_of, may_answer, refresh
from server.db.annotations.completion import begin_grace, closing_time
from server.db.annotations.drafts import drop_draft, require_revision
from server.db.annotations.leasing import LeaseLost
from server.db.annotations.rounds import RoundClosed, announce, lock_query, lock_round
from server.db.annotations.stored_labels import LabelFacts, SourceFacts
from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import move_query
from server.db.models import Annotation, Assignment, Query, QueryBatch, Stage
from server.db.states import AssignmentState, QueryState, StageState

ANSWERABLE = frozenset({QueryState.OPEN, QueryState.LEASED, QueryState.SKIPPED})
BY_PEOPLE = frozenset({"person", "import"})


class AnsweredByAnother(Exception):
    """Another person's answer is accepted, and the new answer does not replace it.

    Attributes:
        author, version: author and version of the accepted answer.
    """

    def __init__(self, query: Query) -> None:
        super().__init__(f"query {query.id} was answered by {query.author!r}, version {query.version}")
        self.author, self.version = query.author, query.version


@dataclass(frozen=True)
class NewAnswer:
    """An answer to a query before it is stored.

    Attributes:
        query_id: the answered query.
        author: name of the person or the oracle.
        source: `person`, `oracle`, `import` or `consensus`.
        facts: the stored labels.
        clicks, seconds: effort of the author.
        draft_revision: revision of the author's draft that the answer was made from; 0 = there was no draft; None = the
            answer was sent as a whole.
        replaces: version of another person's answer to replace; replacing one's own answer needs no version.
        sources: origins of the labels; None = unknown.
        regions: effort of single regions; see `server.db.models.Annotation`.
        is_review: whether a researcher decides a query in review; the answer is then accepted at once.
        parents: versions from which a consensus was made.
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
    is_review: bool = False
    parents: Sequence[int] = ()


@dataclass(frozen=True)
class Submitted:
    """A stored answer.

    Attributes:
        annotation: the stored version.
        counts: queries of the round by state.
        closes_at: when the complete round closes by itself; None while the round waits for answers.
        closes_round: whether the round closes now.
    """

    annotation: Annotation
    counts: dict[str, int]
    closes_at: datetime | None
    closes_round: bool


def submit(session: Session, answer: NewAnswer, *, cause: Cause) -> Submitted:
    """Store a person's answer as the newest version, and accept it. An answer that is sent twice is stored once.

    If a query wants several independent answers, no answer is accepted before their common label is made.
    If the round is closed and the query has an answer, the new answer is kept as a late version: no manifest and no
    checkpoint changes. The author's draft is dropped once it has become an answer. If the same full answer arrives
    twice, the draft stays: it is newer.

    Raises:
        UnknownQuery: if there is no such query.
        StaleDraft: if the author's draft has changed since the answer was made from it.
        LeaseLost: if another person holds the query, or the author may not answer it.
        AnsweredByAnother: if another person has answered it, and `replaces` is not that version.
        RoundClosed: if the round takes no answers, and the query has none.
    """
    label_round, query = lock_query(session, answer.query_id)
    annotation = _repeated(session, query, answer)
    is_repeated = annotation is not None
    is_late = False
    if annotation is None or query.answers_wanted == 1:
        terms = Terms(answer.author, answer.replaces, answer.is_review)
        is_late = require_answerable(session, label_round.stage, label_round.batch, query, terms)
    if answer.draft_revision is not None:
        require_revision(session, query.id, answer.author, answer.draft_revision)
    if annotation is None:
        counts_at_once = query.answers_wanted == 1 or answer.is_review or answer.replaces is not None
        annotation = store_version(session, query, answer, counts=counts_at_once and not is_late, is_late=is_late)
        if not is_late and counts_at_once:
            accept(session, label_round.batch, query, annotation, cause)
        elif not is_late:
            assign(session, query, answer.author, AssignmentState.ANSWERED, version=annotation.version)
            said = cause.follow_up("answered", f"{answer.author} gives version {annotation.version}")
            refresh(session, label_round.batch, query, said)
    if not is_repeated or answer.draft_revision is not None:
        drop_draft(session, query.id, answer.author)
    counts = announce(session, label_round.stage, query)
    now = database_now(session)
    closes_at = closing_time(label_round.batch, counts, now) if label_round.is_waiting else None
    return Submitted(annotation, counts, closes_at, closes_at is not None and closes_at <= now)


def _repeated(session: Session, query: Query, answer: NewAnswer) -> Annotation | None:
    """Return the stored version of an answer that is sent again; None if it is new."""
    if query.answers_wanted == 1 or query.state == QueryState.ACCEPTED:
        newest = _newest(session, query)
        if newest is not None and _is_same(newest, answer) and query.state == QueryState.ACCEPTED:
            return newest
    own = session.get(Assignment, (query.id, answer.author), populate_existing=True)
    if query.answers_wanted == 1 or own is None or own.state != AssignmentState.ANSWERED:
        return None
    statement = select(Annotation).where(Annotation.query_id == query.id, Annotation.version == own.version)
    given = session.scalars(statement).one()
    return given if _is_same(given, answer) else None


def record_oracle_answers(session: Session, stage_id: str, answers: Iterable[NewAnswer], *, cause: Cause) -> int:
    """Store the oracle's answers; a repeated attempt changes nothing. Returns the number of new answers."""
    label_round = lock_round(session, stage_id)
    queries = {query.id: query for query in session.scalars(select(Query).where(Query.stage_id == stage_id))}
    stored = 0
    for answer in answers:
        query = queries[answer.query_id]
        if query.state == QueryState.ACCEPTED:
            continue
        annotation = store_version(session, query, answer, counts=True)
        _answer_by(session, query, annotation, cause)
        stored += 1
    if stored:
        announce(session, label_round.stage)
    return stored


@dataclass(frozen=True)
class Terms:
    """The author, the version that they replace, and whether they decide a query in review."""

    author: str
    replaces: int | None = None
    is_review: bool = False


def require_answerable(session: Session, stage: Stage, batch: QueryBatch, query: Query, terms: Terms) -> bool:
    """Check that an author may answer a query now, and return whether the answer would be late.

    Raises:
        LeaseLost, AnsweredByAnother, RoundClosed: see `submit`.
    """
    author = terms.author
    if stage.state != StageState.WAITING_ANNOTATION:
        if stage.state == StageState.SUCCEEDED and query.state == QueryState.ACCEPTED:
            return True
        raise RoundClosed(stage)
    if query.state == QueryState.ACCEPTED:
        if query.author != author and terms.replaces != query.version:
            raise AnsweredByAnother(query)
        return False
    if terms.is_review and query.state == QueryState.IN_REVIEW:
        return False
    rows = assignments_of(session, query.id)
    if not may_answer(batch, rows, author):
        raise LeaseLost(query, author, "it is assigned to others")
    if query.state not in ANSWERABLE or not _has_place(session, query, rows, author):
        raise LeaseLost(query, author)
    return False


def _has_place(session: Session, query: Query, rows: Sequence[Assignment], author: str) -> bool:
    """Whether a query wants more answers than other people have given or hold leases for."""
    now = database_now(session)
    others = [row for row in rows if row.author != author]
    taken = [row for row in others if row.state == AssignmentState.ANSWERED]
    taken += [
        row
        for row in others
        if row.state == AssignmentState.LEASED and (row.lease_until is None or row.lease_until >= now)
    ]
    return len(taken) < query.answers_wanted


def _newest(session: Session, query: Query) -> Annotation | None:
    statement = select(Annotation).where(Annotation.query_id == query.id).order_by(Annotation.version.desc()).limit(1)
    return session.scalars(statement).one_or_none()


def version_with(session: Session, query_id: str, author: str, mask_sha256: str) -> int | None:
    """Return the version in which an author has already given these labels, or None."""
    same = (Annotation.query_id == query_id) & (Annotation.author == author) & (Annotation.mask_sha256 == mask_sha256)
    return session.scalar(select(func.max(Annotation.version)).where(same))


def _is_same(annotation: Annotation, answer: NewAnswer) -> bool:
    return (annotation.author, annotation.mask_sha256) == (answer.author, answer.facts.mask_sha256)


def store_version(
    session: Session, query: Query, answer: NewAnswer, *, counts: bool = True, is_late: bool = False
) -> Annotation:
    """Store an answer as the newest version of its query; the query uses it unless `counts` is false."""
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
        parents=list(answer.parents),
        **asdict(answer.facts),
        **(asdict(answer.sources) if answer.sources is not None else {}),
    )
    session.add(annotation)
    if counts:
        query.version = annotation.version
    session.flush()
    return annotation


def accept(session: Session, batch: QueryBatch, query: Query, annotation: Annotation, cause: Cause) -> None:
    """Accept a version as its query's answer, whoever holds the query; the round then waits `grace_s` to close."""
    _answer_by(session, query, annotation, cause)
    begin_grace(batch, database_now(session))


def _answer_by(session: Session, query: Query, annotation: Annotation, cause: Cause) -> None:
    rows = assignments_of(session, query.id)
    for row in rows:
        if row.state == AssignmentState.LEASED and row.author != annotation.author:
            session.delete(row)
    # A researcher who decides between independent answers gives none themselves.
    is_theirs = query.answers_wanted == 1 or any(row.author == annotation.author for row in rows)
    if annotation.source in BY_PEOPLE and is_theirs:
        assign(session, query, annotation.author, AssignmentState.ANSWERED, version=annotation.version)
    columns = {"author": annotation.author, "lease_until": None}
    if query.state != QueryState.SUBMITTED:
        move_query(session, query, QueryState.SUBMITTED, cause, columns)
        cause = cause.follow_up()
    move_query(session, query, QueryState.ACCEPTED, cause, columns)
