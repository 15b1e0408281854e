"""Add seeds to an experiment: runs of the same resolved configuration."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import Fault
from server.db.lifecycle import Cause
from server.db.models import Experiment, Run
from server.db.states import RunState
from server.errors import InvalidRequestError, NotFoundError
from server.schemas.runs import RunsCreated, SeedsAdd
from server.services.runs import runs

_FAILED = (RunState.FAILED.value, RunState.CANCELLED.value)


def add_seeds(session: Session, key: str, body: SeedsAdd, *, cause: Cause) -> RunsCreated:
    """Start one run for each new seed.

    Args:
        session: a writing session.
        key: digest of the experiment, or id of a definition. The runs belong to that definition, or to the newest one.
        body: which seeds.
        cause: who asks.

    Raises:
        NotFoundError: when there is no such experiment.
        InvalidRequestError: for a seed that has a run which did not fail: an equal seed gives an equal run.
    """
    definition = definition_of(session, key)
    taken = _taken(session, definition.digest)
    faults = [
        Fault(f"/seeds/{place}", f"seed {seed} has the run {taken[seed]}; equal seeds give equal runs", "seed_taken")
        for place, seed in enumerate(body.seeds or ())
        if seed in taken
    ]
    if faults:
        raise InvalidRequestError.of_faults(faults)
    free = (seed for seed in count() if seed not in taken)
    seeds = list(islice(free, body.count or 0)) if body.seeds is None else body.seeds
    return RunsCreated(items=runs.start(session, definition, seeds=seeds, cause=cause, priority=body.priority))


def definition_of(session: Session, key: str) -> Experiment:
    """Return a definition by its id, or the newest one with a digest; raises NotFoundError."""
    statement = select(Experiment).where((Experiment.id == key) | (Experiment.digest == key))
    definition = session.scalars(statement.order_by(Experiment.id.desc()).limit(1)).first()
    if definition is None:
        raise NotFoundError("experiment", key)
    return definition


def _taken(session: Session, digest: str) -> Mapping[int, str]:
    """Return seed -> a run that has it, failed and cancelled ones left out."""
    statement = (
        select(Run.seed, Run.id)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(Experiment.digest == digest, Run.deleted_at.is_(None), Run.state.not_in(_FAILED))
    )
    return {int(seed): run_id for seed, run_id in session.execute(statement)}
