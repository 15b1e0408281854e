"""Leases: a worker's time-limited right to write for an attempt, with a fencing token (REC-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle.cause import Cause
from server.db.lifecycle.locks import lock_attempt
from server.db.lifecycle.moves import move_attempt
from server.db.models import Attempt, Run, Stage, Worker
from server.db.states import LIVE_ATTEMPT_STATES, AttemptState, RunState

DRAINING = "draining"


@dataclass(frozen=True)
class Lease:
    """The ids and the token that a worker shows with every write."""

    attempt_id: str
    stage_id: str
    run_id: str
    token: int


@dataclass(frozen=True)
class LeaseAnswer:
    """Answer to a heartbeat (REC-9).

    Attributes:
        cancel: the run is being cancelled; end the stage.
        pause: a person asked the run to pause; save and give the stage back.
        yield_: the worker must drain; save and give the stage back.
        lease_until: new end of the lease, by the database's clock.
    """

    cancel: bool
    pause: bool
    yield_: bool
    lease_until: datetime


class StaleLease(Exception):
    """Another worker has the stage, or it has ended: the holder of this lease must not write any more."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"attempt {lease.attempt_id} with token {lease.token} no longer owns stage {lease.stage_id}")
        self.lease = lease


def renew(session: Session, lease: Lease, *, lease_ttl_s: float) -> LeaseAnswer:
    """Renew a lease until now + `lease_ttl_s` and return the service's requests to its holder; raises StaleLease."""
    until = database_now(session) + timedelta(seconds=lease_ttl_s)
    owns_stage = exists().where(Stage.id == lease.stage_id, Stage.fencing_token == lease.token)
    statement = (
        update(Attempt)
        .where(Attempt.id == lease.attempt_id, Attempt.fencing_token == lease.token)
        .where(Attempt.state.in_(LIVE_ATTEMPT_STATES), owns_stage)
        .values(lease_until=until)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    )
    if session.execute(statement).scalar_one_or_none() is None:
        raise StaleLease(lease)
    run = session.execute(select(Run.state, Run.is_pausing).where(Run.id == lease.run_id)).one()
    worker_state = session.scalar(
        select(Worker.state).join(Attempt, Attempt.worker_id == Worker.id).where(Attempt.id == lease.attempt_id)
    )
    return LeaseAnswer(run.state == RunState.CANCELLING, run.is_pausing, worker_state == DRAINING, until)


def guard(session: Session, lease: Lease) -> Attempt:
    """Check a lease before writing for it, and keep it valid until the end of the transaction.

    Returns:
        The live attempt, with its `stage`; its run's row is locked.

    Raises:
        StaleLease: if the attempt has ended or was replaced.
    """
    locked = lock_attempt(session, lease.attempt_id)
    if locked is None:
        raise StaleLease(lease)
    _, stage, attempt = locked
    is_owner = attempt.fencing_token == lease.token == stage.fencing_token
    if attempt.state not in LIVE_ATTEMPT_STATES or not is_owner:
        raise StaleLease(lease)
    return attempt


def mark_running(session: Session, lease: Lease) -> None:
    """Record that the stage process runs and its inputs are verified; raises StaleLease."""
    attempt = guard(session, lease)
    if attempt.state == AttemptState.LEASED:
        move_attempt(session, attempt, AttemptState.RUNNING, cause_of(attempt))


def fence(session: Session, lease: Lease) -> bool:
    """Mark a lost attempt whose worker tried to write again; returns whether it was marked now (REC-10)."""
    locked = lock_attempt(session, lease.attempt_id)
    if locked is None or locked[2].state != AttemptState.LOST:
        return False
    message = "its worker came back after its lease had expired; what it tried to write was refused"
    cause = Cause("system", locked[2].reason, message)
    return move_attempt(session, locked[2], AttemptState.FENCED, cause)


def cause_of(attempt: Attempt, reason: str | None = None, message: str | None = None) -> Cause:
    """Return the cause for a report of an attempt's worker."""
    return Cause(f"worker:{attempt.worker_id}", reason, message)
