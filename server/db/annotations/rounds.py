"""Find, lock, count and announce labelling rounds; a round is a `label` stage with its batch."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.feed import append_event
from server.db.lifecycle.locks import lock_run, lock_run_of_stage
from server.db.models import Query, QueryBatch, Run, Stage
from server.db.shared_stages import outputs_of
from server.db.states import QueryState, StageState
from server.storage import Storage
from server.storage.outputs import StoredOutput


class UnknownRound(LookupError):
    """The stage does not exist, or has no queries."""

    def __init__(self, stage_id: str) -> None:
        super().__init__(f"stage {stage_id} has no queries")
        self.stage_id = stage_id


class RunPaused(Exception):
    """The run is paused, and what was asked needs a worker."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id} is paused; resume it first")


class UnknownQuery(LookupError):
    """There is no query with this id."""

    def __init__(self, query_id: str) -> None:
        super().__init__(f"query {query_id} does not exist")
        self.query_id = query_id


class RoundClosed(Exception):
    """The round takes no answers: it was closed or cancelled, has not begun, or an oracle answers it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(f"the round of stage {stage.name} takes no answers, its state is {stage.state}")
        self.stage_id, self.state = stage.id, stage.state


class NothingAnswered(Exception):
    """A round cannot be closed without an answer."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(f"no query of stage {stage.name} is answered, so the next round would learn nothing new")


@dataclass(frozen=True)
class LabelRound:
    """A locked run with one of its label stages and its queries."""

    run: Run
    stage: Stage
    batch: QueryBatch

    @property
    def is_waiting(self) -> bool:
        """Whether the round takes answers."""
        return self.stage.state == StageState.WAITING_ANNOTATION

    def require_waiting(self) -> None:
        """Raise RoundClosed when the round takes no answers."""
        if not self.is_waiting:
            raise RoundClosed(self.stage)


def lock_round(session: Session, stage_id: str) -> LabelRound:
    """Lock the run of a label stage and read the stage again; raises UnknownRound."""
    run = lock_run_of_stage(session, stage_id)
    if run is None or run.deleted_at is not None:
        raise UnknownRound(stage_id)
    return _round_of(session, run, stage_id)


def lock_query(session: Session, query_id: str) -> tuple[LabelRound, Query]:
    """Lock the run of a query and read the query again; raises UnknownQuery."""
    run_id = session.scalar(select(Query.run_id).where(Query.id == query_id))
    run = lock_run(session, run_id) if run_id is not None else None
    query = session.get(Query, query_id, populate_existing=True)
    if run is None or query is None or run.deleted_at is not None:
        raise UnknownQuery(query_id)
    return _round_of(session, run, query.stage_id), query


def _round_of(session: Session, run: Run, stage_id: str) -> LabelRound:
    # Read after locking, not in the same statement: PostgreSQL reads joined rows before it waits for the lock.
    statement = select(Stage, QueryBatch).join(QueryBatch, QueryBatch.stage_id == Stage.id).where(Stage.id == stage_id)
    found = session.execute(statement.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise UnknownRound(stage_id)
    return LabelRound(run, *found)


def tally(session: Session, stage_id: str) -> dict[str, int]:
    """Return the number of queries of a stage in each state, zeros included."""
    statement = select(Query.state, func.count()).where(Query.stage_id == stage_id).group_by(Query.state)
    found: dict[str, int] = dict(session.execute(statement).all())
    return {state.value: found.get(state.value, 0) for state in QueryState}


def announce(session: Session, stage: Stage, query: Query | None = None) -> dict[str, int]:
    """Write a round's counts and the changed query to the run's feed; returns the counts."""
    counts = tally(session, stage.id)
    named = {"query_id": query.id, "state": query.state} if query is not None else {"query_id": None, "state": None}
    append_event(
        session, stage.run_id, "query", {"stage_id": stage.id, "index": stage.index, **named, "counts": counts}
    )
    return counts


def earlier_labels(session: Session, storage: Storage, stage: Stage) -> StoredOutput:
    """Return the labels of the previous label stage, which include all earlier rounds; empty in the first round.

    Raises:
        StorageError: when the labels' pack is missing or damaged.
    """
    source = stage.spec.get("inputs", {}).get("labels")
    if source is None:
        return StoredOutput(storage, {})
    index, _, output = source.partition("/")
    return StoredOutput(storage, outputs_of(session, stage.run_id)[int(index)].get(output, {}))
