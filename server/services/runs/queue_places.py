"""Where runs stand in the queues of workers, and about how long until a worker takes them."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from server.db.clock import database_now
from server.db.lifecycle import in_queue_order
from server.db.models import Attempt, Dispatch, Experiment, Run, Stage, Worker
from server.db.states import RunState, StageState
from server.schemas.runs import QueuePlace
from server.services.runs.eta import seconds_of_rest

ESTIMATED = 200
"""Number of runs at the head of a queue whose wait is estimated; behind them only the position is told."""
WORKER_SILENCE = timedelta(seconds=60)
TYPICAL_OF = 5
"""Number of finished runs of an experiment that tell how long a new one takes."""


@dataclass
class _Queue:
    """One queue: its waiting runs in order, and the seconds until each worker is free; None = not known."""

    runs: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    free_in: list[float | None] = field(default_factory=list)


def queue_places(session: Session, run_ids: Collection[str]) -> dict[str, QueuePlace]:
    """Return the places of those of the runs that wait for a worker."""
    if not run_ids:
        return {}
    queues = _queues(session)
    wanted = {name: queue for name, queue in queues.items() if not set(run_ids).isdisjoint(queue.runs)}
    if not wanted:
        return {}
    _add_workers(session, wanted)
    places = {}
    for queue in wanted.values():
        waits = _waits(session, queue)
        for position, run_id in enumerate(queue.runs):
            seconds = waits[position] if position < len(waits) else None
            places[run_id] = QueuePlace(position=position + 1, length=len(queue.runs), seconds=seconds)
    return {run_id: place for run_id, place in places.items() if run_id in run_ids}


def _queues(session: Session) -> dict[str, _Queue]:
    statement = in_queue_order(Run.id, Dispatch.queue, Experiment.digest)
    queues: dict[str, _Queue] = {}
    for run_id, name, digest in session.execute(statement.join(Experiment, Experiment.id == Run.experiment_id)):
        queue = queues.setdefault(name, _Queue())
        queue.runs.append(run_id)
        queue.digests.append(digest)
    return queues


def _add_workers(session: Session, queues: dict[str, _Queue]) -> None:
    """Fill in how long the workers of each queue are taken; a begun run holds its worker to its end."""
    alive = Worker.last_seen_at > database_now(session) - WORKER_SILENCE
    workers = session.execute(select(Worker.queues, Worker.stage_id).where(alive)).all()
    run_of = _runs_at_work(session)
    rest = _rests(session, list(run_of.values()))
    for served, stage_id in workers:
        taken = rest.get(run_of[stage_id]) if stage_id in run_of else 0.0
        for name in set(served) & queues.keys():
            queues[name].free_in.append(taken)


def _runs_at_work(session: Session) -> dict[str, str]:
    rows = session.execute(select(Stage.id, Stage.run_id).where(Stage.state == StageState.RUNNING))
    return {stage.id: stage.run_id for stage in rows}


def _waits(session: Session, queue: _Queue) -> list[float | None]:
    """Return the seconds until each of the first runs is taken; None behind work of unknown length."""
    if not queue.free_in or None in queue.free_in:
        return []
    free_in = [taken for taken in queue.free_in if taken is not None]
    heapq.heapify(free_in)
    head = queue.runs[:ESTIMATED]
    rest, typical = _rests(session, head), _typical_seconds(session, set(queue.digests[:ESTIMATED]))
    waits: list[float | None] = []
    for run_id, digest in zip(head, queue.digests, strict=False):
        waits.append(free_in[0])
        duration = rest.get(run_id) or typical.get(digest)
        if duration is None:
            break
        heapq.heapreplace(free_in, free_in[0] + duration)
    return waits


def _rests(session: Session, run_ids: Sequence[str]) -> dict[str, float | None]:
    """Return the seconds of work that are left of each run, where its pace is known."""
    stages: dict[str, list[Row[*tuple[Any, ...]]]] = {run_id: [] for run_id in run_ids}
    columns = (Stage.run_id, Stage.id, Stage.state, Stage.total_iterations, Stage.started_at, Stage.finished_at)
    for row in session.execute(select(*columns).where(Stage.run_id.in_(run_ids)).order_by(Stage.index)):
        stages[row.run_id].append(row)
    at_work = [stage.id for of_run in stages.values() for stage in of_run if stage.state == StageState.RUNNING]
    shown = (Attempt.stage_id, Attempt.iteration, Attempt.total_iterations, Attempt.seconds_left)
    attempts = {
        row.stage_id: row
        for row in session.execute(select(*shown).where(Attempt.stage_id.in_(at_work)).order_by(Attempt.number))
    }
    return {
        run_id: seconds_of_rest(of_run, next((attempts[stage.id] for stage in of_run if stage.id in attempts), None))
        for run_id, of_run in stages.items()
    }


def _typical_seconds(session: Session, digests: Collection[str]) -> dict[str, float]:
    """Return the mean seconds that the last finished runs of the same experiment took at work."""
    statement = (
        select(Experiment.digest, Run.id)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(Experiment.digest.in_(digests), Run.state == RunState.SUCCEEDED)
        .order_by(Run.finished_at.desc())
        .limit(TYPICAL_OF * max(1, len(digests)))
    )
    by_run = {run_id: digest for digest, run_id in session.execute(statement)}
    times = select(Stage.run_id, Stage.started_at, Stage.finished_at).where(Stage.run_id.in_(by_run))
    seconds: dict[str, dict[str, float]] = {}
    for run_id, started_at, finished_at in session.execute(times):
        if started_at is not None and finished_at is not None:
            of_run = seconds.setdefault(by_run[run_id], {})
            of_run[run_id] = of_run.get(run_id, 0.0) + (finished_at - started_at).total_seconds()
    return {digest: sum(of_run.values()) / len(of_run) for digest, of_run in seconds.items()}
