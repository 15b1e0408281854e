"""Make one label of a query's independent answers, and store their agreement (QA-2, QA-3)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.acquisition.agreement import PairCounts, compare
from core.acquisition.consensus import agreed_sources, majority
from core.acquisition.manifest import mask_name
from core.data.decoding import decode_label, read_label
from core.data.samples import LabelMap
from server.db.annotations.answering import NewAnswer, accept, store_version
from server.db.annotations.assignments import assignments_of, in_state, is_answered_enough
from server.db.annotations.rounds import announce, earlier_labels, lock_query
from server.db.annotations.stored_labels import store_labels, store_sources
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.moves import move_query
from server.db.models import Agreement, Annotation, Assignment, Query, QueryBatch, Stage
from server.db.session import Database
from server.db.states import AssignmentState, QueryState, StageState
from server.storage import Storage

CONSENSUS = "consensus"
"""Author and source of a label that was made from independent answers."""
UNSETTLED = frozenset({QueryState.OPEN, QueryState.LEASED, QueryState.SUBMITTED})


@dataclass(frozen=True)
class _Answers:
    """The current independent answers to a query, ordered by author."""

    query: Query
    batch: QueryBatch
    given: Sequence[Annotation]
    earlier: LabelMap | None

    @property
    def versions(self) -> list[int]:
        return [annotation.version for annotation in self.given]


@dataclass(frozen=True)
class _Settled:
    """The stored label of the answers, whether a vote was tied, and the agreement of each pair."""

    answer: NewAnswer
    has_ties: bool
    pairs: Sequence[tuple[str, str, PairCounts]]


def settle_round(database: Database, storage: Storage, stage_id: str, *, is_ending: bool = False) -> int:
    """Make the labels of a round's queries that have all their independent answers; returns how many.

    Masks are read and written outside the transaction that settles a query. If an answer arrives in between, the next
    call settles the query.

    Args:
        database, storage: hold the answers.
        stage_id: the label stage.
        is_ending: the round is about to close: use the existing answers, and decide ties without a researcher.
    """
    with database.read() as session:
        due = [query.id for query in _due(session, stage_id, is_ending=is_ending)]
    return sum(_settle(database, storage, query_id, is_ending=is_ending) for query_id in due)


def settle_all(database: Database, storage: Storage) -> int:
    """Settle queries of waiting rounds that a dead process left open; returns how many."""
    with database.read() as session:
        is_open = (Stage.state == StageState.WAITING_ANNOTATION) & (Query.state == QueryState.SUBMITTED)
        wanted = select(Query.stage_id).join(Stage, Stage.id == Query.stage_id).where(is_open).distinct()
        stages = session.scalars(wanted).all()
    return sum(settle_round(database, storage, stage_id) for stage_id in stages)


def is_partly_answered(session: Session, stage_id: str) -> bool:
    """Whether a round has independent answers without a label made from them."""
    return bool(_due(session, stage_id, is_ending=True))


def _due(session: Session, stage_id: str, *, is_ending: bool) -> list[Query]:
    states = UNSETTLED | ({QueryState.IN_REVIEW} if is_ending else set())
    is_shared = (Query.stage_id == stage_id) & (Query.answers_wanted > 1) & Query.state.in_(states)
    is_answered = (Assignment.query_id == Query.id) & (Assignment.state == AssignmentState.ANSWERED)
    wanted = select(Query).where(is_shared, select(Assignment.query_id).where(is_answered).exists())
    queries = session.scalars(wanted.order_by(Query.rank)).all()
    if is_ending:
        return list(queries)
    batch = session.get_one(QueryBatch, stage_id)
    return [query for query in queries if is_answered_enough(batch, query, assignments_of(session, query.id))]


def _settle(database: Database, storage: Storage, query_id: str, *, is_ending: bool) -> bool:
    with database.read() as session:
        answers = _read(session, storage, query_id)
    if not answers.given:
        return False
    settled = _made(storage, answers)
    cause = Cause("system", "settled", f"made from {len(answers.given)} independent answers")
    with database.write() as session:
        label_round, query = lock_query(session, query_id)
        states = UNSETTLED | ({QueryState.IN_REVIEW} if is_ending else set())
        is_same = label_round.is_waiting and query.state in states
        if not is_same or _versions(session, query) != answers.versions:
            return False
        annotation = store_version(session, query, settled.answer)
        _keep_agreement(session, query, settled.pairs)
        if settled.has_ties and label_round.batch.ties == "review" and not is_ending:
            if query.state != QueryState.SUBMITTED:
                move_query(session, query, QueryState.SUBMITTED, cause)
            tied = cause.follow_up("tied", "independent answers disagree; a researcher decides")
            columns = {"author": CONSENSUS, "lease_until": None, "answers": len(answers.given)}
            move_query(session, query, QueryState.IN_REVIEW, tied, columns)
        else:
            accept(session, label_round.batch, query, annotation, cause)
            query.answers = len(answers.given)
        announce(session, label_round.stage, query)
    return True


def _read(session: Session, storage: Storage, query_id: str) -> _Answers:
    query = session.get_one(Query, query_id)
    versions = _versions(session, query)
    wanted = select(Annotation).where(Annotation.query_id == query_id, Annotation.version.in_(versions))
    given = {annotation.version: annotation for annotation in session.scalars(wanted)}
    name = mask_name(query.image)
    stored = earlier_labels(session, storage, session.get_one(Stage, query.stage_id))
    data = stored.read(name) if name in stored else None
    return _Answers(
        query=query,
        batch=session.get_one(QueryBatch, query.stage_id),
        given=[given[version] for version in versions],
        earlier=decode_label(data, name, (query.width, query.height)) if data is not None else None,
    )


def _versions(session: Session, query: Query) -> list[int]:
    """Return the versions of the independent answers that count, ordered by author."""
    return [row.version for row in in_state(assignments_of(session, query.id), AssignmentState.ANSWERED)]


def _made(storage: Storage, answers: _Answers) -> _Settled:
    """Read the answers, make their label, and store it."""
    query, given, ignore_id = answers.query, answers.given, answers.batch.ignore_id
    masks = [read_label(storage.path(annotation.mask_sha256)) for annotation in given]
    queried = read_label(storage.path(query.mask_sha256)) > 0 if query.mask_sha256 is not None else None
    consensus = majority(masks, ignore_id)
    proposal = read_label(storage.path(query.proposal_sha256))
    facts = store_labels(storage, consensus.labels, ignore_id=ignore_id, proposal=proposal, earlier=answers.earlier)
    noted = [annotation.sources_sha256 for annotation in given]
    maps = [read_label(storage.path(sha256)) for sha256 in noted if sha256 is not None]
    sources = agreed_sources(consensus.labels, masks, maps) if len(maps) == len(masks) else None
    answer = NewAnswer(
        query_id=query.id,
        author=CONSENSUS,
        source=CONSENSUS,
        facts=facts,
        clicks=sum(annotation.clicks for annotation in given),
        seconds=sum(annotation.seconds for annotation in given),
        sources=store_sources(storage, sources) if sources is not None else None,
        parents=answers.versions,
    )
    is_tied = consensus.is_tied if queried is None else consensus.is_tied & queried
    authors = [annotation.author for annotation in given]
    pairs = [
        (authors[one], authors[other], compare(masks[one], masks[other], queried))
        for one, other in itertools.combinations(range(len(masks)), 2)
    ]
    return _Settled(answer, bool(np.any(is_tied)), pairs)


def _keep_agreement(session: Session, query: Query, pairs: Sequence[tuple[str, str, PairCounts]]) -> None:
    session.execute(delete(Agreement).where(Agreement.query_id == query.id))
    session.add_all(
        Agreement(
            query_id=query.id,
            first=first,
            second=second,
            stage_id=query.stage_id,
            pixels=counts.pixels,
            classes={str(raw_id): list(pixels) for raw_id, pixels in counts.classes.items()},
        )
        for first, second, counts in pairs
    )
