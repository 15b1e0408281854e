"""Close a round: freeze its accepted answers into a manifest and begin the next stage (AL-4, AL-5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.acquisition.manifest import MANIFEST_FILE, LabelManifest, manifest_bytes, mask_name, next_manifest
from server.db.annotations.accepted import accepted_answers, accepted_versions, set_aside_images
from server.db.annotations.completion import closes_by_itself, is_complete
from server.db.annotations.independent import is_partly_answered, settle_round
from server.db.annotations.rounds import (
    LabelRound,
    NothingAnswered,
    RunPaused,
    announce,
    earlier_labels,
    lock_round,
    tally,
)
from server.db.clock import database_now
from server.db.lifecycle.advance import advance_run, queue_stage
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_stages
from server.db.lifecycle.moves import IllegalTransition, move_run, move_stage
from server.db.lifecycle.queries import open_queries, withdraw_queries
from server.db.models import Annotation, Query, QueryBatch, Stage
from server.db.session import Database
from server.db.states import UNANSWERED_QUERY_STATES, QueryState, RunState, StageState
from server.storage import Storage
from server.storage.outputs import OutputEntries, blob_source, store_output

log = logging.getLogger(__name__)

LABELS = "labels"


def close_round(
    database: Database,
    storage: Storage,
    stage_id: str,
    *,
    cause: Cause,
    by_itself: bool = False,
    allow_empty: bool = False,
) -> bool:
    """Freeze the accepted answers, return the other queries to the pool, and continue the run; returns whether it did.

    A query with some of its independent answers missing is accepted with the existing ones. The manifest's file is
    written outside the transaction that settles the stage. If an answer arrives in between, the file is written again.
    A closed round stays unchanged.

    Args:
        database, storage: hold the answers and the manifest.
        stage_id: the label stage.
        cause: who closes the round.
        by_itself: no person asked for it: do not close a round that waits for answers, or closes only by hand.
        allow_empty: close the round even without any answer; a round without queries does not need it.

    Raises:
        UnknownRound: if the stage has no queries.
        RoundClosed: if the round never waited for people, or was cancelled.
        NothingAnswered: if it has queries but no answer, and `allow_empty` is false.
    """
    while True:
        with database.read() as session:
            content = _manifest_content(session, stage_id)
            files = _frozen(session, storage, stage_id)
        with database.write() as session:
            label_round = lock_round(session, stage_id)
            stage = label_round.stage
            if stage.state == StageState.SUCCEEDED:
                return False
            label_round.require_waiting()
            counts = tally(session, stage_id)
            if by_itself and not closes_by_itself(label_round.batch, counts, database_now(session)):
                return False
            is_unsettled = is_partly_answered(session, stage_id)
            if not is_unsettled and any(counts.values()) and not counts[QueryState.ACCEPTED] and not allow_empty:
                raise NothingAnswered(stage)
            if not is_unsettled and content == _manifest_content(session, stage_id):
                _settle(session, label_round, files, _ending(cause, counts, by_itself=by_itself))
                return True
        if is_unsettled:
            settle_round(database, storage, stage_id, is_ending=True)


def close_complete_rounds(database: Database, storage: Storage) -> int:
    """Close complete rounds, such as those whose process died after the last answer; returns how many."""
    with database.read() as session:
        is_waiting = Stage.state == StageState.WAITING_ANNOTATION
        waiting = session.scalars(select(QueryBatch).join(Stage, Stage.id == QueryBatch.stage_id).where(is_waiting))
        now = database_now(session)
        complete = [one.stage_id for one in waiting if closes_by_itself(one, tally(session, one.stage_id), now)]
    return sum(
        close_round(database, storage, stage_id, cause=Cause("scheduler"), by_itself=True) for stage_id in complete
    )


def reopen_round(session: Session, stage_id: str, *, cause: Cause) -> Stage:
    """Reopen a round, as long as no worker has begun the next stage.

    A complete round would close again at once, so a reopened complete round closes only by hand.

    Raises:
        UnknownRound: if the stage has no queries.
        IllegalTransition: if the round is not closed, was answered by an oracle, or the next stage has begun.
    """
    label_round = lock_round(session, stage_id)
    run, stage = label_round.run, label_round.stage
    following = next(other for other in lock_stages(session, run) if other.index == stage.index + 1)
    has_begun = following.state not in {StageState.QUEUED, StageState.PENDING}
    if stage.state != StageState.SUCCEEDED or has_begun or not label_round.batch.by_people:
        raise IllegalTransition("stage", following.state if has_begun else stage.state, StageState.WAITING_ANNOTATION)
    follow_up = cause.follow_up(cause.reason, cause.message)
    if following.state == StageState.QUEUED:
        move_stage(session, following, StageState.PENDING, follow_up)
    open_queries(session, stage, follow_up)
    label_round.batch.closes_by_hand = is_complete(label_round.batch, tally(session, stage.id), database_now(session))
    _adopt_late_answers(session, stage)
    move_stage(session, stage, StageState.WAITING_ANNOTATION, cause, {"outputs": None, "finished_at": None})
    if run.state == RunState.QUEUED:
        move_run(session, run, RunState.WAITING, follow_up)
    announce(session, stage)
    return stage


def _adopt_late_answers(session: Session, stage: Stage) -> None:
    """Accept the newest version of every answer, because no stage has used the frozen one yet."""
    newest = select(func.max(Annotation.version)).where(Annotation.query_id == Query.id).scalar_subquery()
    is_accepted = (Query.stage_id == stage.id) & (Query.state == QueryState.ACCEPTED)
    session.execute(
        update(Query).where(is_accepted).values(version=newest).execution_options(synchronize_session=False)
    )


def hand_to_oracle(session: Session, stage_id: str, *, cause: Cause) -> Stage:
    """Let ground truth answer the open queries; people's answers stay.

    Raises:
        UnknownRound: if the stage has no queries.
        RoundClosed: if the round does not wait for people.
        RunPaused: if the run is paused, so that no worker may be sent.
    """
    label_round = lock_round(session, stage_id)
    label_round.require_waiting()
    stage = label_round.stage
    if label_round.run.state == RunState.PAUSED:
        raise RunPaused(label_round.run.id)
    withdraw_queries(session, stage, cause)
    open_queries(session, stage, cause)
    label_round.batch.by_people = label_round.batch.closes_by_hand = False
    queue_stage(session, stage, cause)
    advance_run(session, label_round.run, cause)
    announce(session, stage)
    return stage


def _manifest_content(session: Session, stage_id: str) -> tuple[object, ...]:
    """Return the values that determine a round's manifest, to detect a change meanwhile."""
    return accepted_versions(session, stage_id), set_aside_images(session, stage_id)


def _frozen(session: Session, storage: Storage, stage_id: str) -> OutputEntries:
    """Write a round's current labels into storage; return the entries of the stage's output."""
    stage, batch = session.get(Stage, stage_id), session.get(QueryBatch, stage_id)
    if stage is None or batch is None:
        return {}
    stored = earlier_labels(session, storage, stage)
    earlier = LabelManifest(ignore_id=batch.ignore_id)
    if MANIFEST_FILE in stored:
        earlier = LabelManifest.model_validate_json(stored.read(MANIFEST_FILE))
    accepted = accepted_answers(session, batch)
    labelled = [(one.answer, one.merged_sha256) for one in accepted]
    manifest = next_manifest(earlier, labelled, set_aside_images(session, stage_id))
    files = stored.sources()
    files |= {mask_name(one.answer.image): blob_source(storage, one.merged_sha256) for one in accepted}
    files[MANIFEST_FILE] = blob_source(storage, storage.put_bytes(manifest_bytes(manifest)))
    return store_output(storage, files)


def _ending(cause: Cause, counts: Mapping[str, int], *, by_itself: bool) -> Cause:
    """Return the cause of a round's end; if it has no message, add one that says how the round ended."""
    left = sum(counts[state] for state in UNANSWERED_QUERY_STATES)
    how = "closed by its rule" if by_itself else "closed"
    if left:
        message = f"{how}; {left} queries return to the pool"
    else:
        message = "all are answered" if any(counts.values()) else "there was no query"
    return replace(cause, message=cause.message or message)


def _settle(session: Session, label_round: LabelRound, files: OutputEntries, cause: Cause) -> None:
    stage = label_round.stage
    label_round.batch.closes_by_hand = False
    withdraw_queries(session, stage, cause.follow_up("round_closed", "the round was closed"))
    columns = {"outputs": {LABELS: files}, "finished_at": database_now(session)}
    move_stage(session, stage, StageState.SUCCEEDED, cause, columns)
    announce(session, stage)
    advance_run(session, label_round.run, cause.follow_up())
