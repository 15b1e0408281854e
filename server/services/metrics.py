"""Prometheus metrics of the service, read from the database and this process (API-10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.db.clock import database_now
from server.db.models import Artifact, Attempt, Dispatch, Query, Run, Stage, Worker
from server.db.states import LIVE_ATTEMPT_STATES, AttemptState, QueryState, RunState, StageState
from server.exposition import Family
from server.services.workers import FORGOTTEN_AFTER

WORKER_STATES = ("idle", "busy", "draining", "offline")


def families(session: Session, *, offline_after_s: float) -> list[Family]:
    """Return the metrics of the database."""
    now = database_now(session)
    return [
        _by_state(session, "runs", Run.state, RunState, "Runs, by state."),
        _by_state(session, "stages", Stage.state, StageState, "Stages, by state."),
        _by_state(session, "attempts", Attempt.state, AttemptState, "Attempts, by state: lost ones lost their lease."),
        _by_state(session, "queries", Query.state, QueryState, "Queries of labelling rounds, by state."),
        *_waiting(session, now),
        *_workers(session, now - timedelta(seconds=offline_after_s), now - FORGOTTEN_AFTER),
        _one("stored_bytes", "Bytes of the artifacts, each content counted once.", _stored_bytes(session)),
    ]


def process_families(*, readers: int, connections: int) -> list[Family]:
    """Return the metrics of this process of the API."""
    return [
        _one("event_streams", "Open event streams of this process.", readers),
        _one("database_connections", "Connections of this process that are in use.", connections),
    ]


def _by_state(
    session: Session, name: str, column: InstrumentedAttribute[str], states: Iterable[StrEnum], text: str
) -> Family:
    rows = session.execute(select(column, func.count()).group_by(column)).all()
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    family = Family(name, "gauge", text)
    for state in states:
        family.add(counts.get(state.value, 0), {"state": state.value})
    return family


def _waiting(session: Session, now: datetime) -> list[Family]:
    queued = select(func.min(Stage.queued_at)).where(Stage.state == StageState.QUEUED)
    unsent = select(func.min(Dispatch.created_at)).where(Dispatch.sent_at.is_(None))
    overdue = select(func.min(Attempt.lease_until)).where(Attempt.state.in_(LIVE_ATTEMPT_STATES))
    return [
        _one("oldest_queued_seconds", "Age of the stage that is queued for longest.", _age(session, queued, now)),
        _one("outbox_lag_seconds", "Age of the oldest message that is not sent.", _age(session, unsent, now)),
        _one("lease_overdue_seconds", "How long the oldest lease has expired unseen.", _age(session, overdue, now)),
    ]


def _workers(session: Session, silent_since: datetime, forgotten_since: datetime) -> list[Family]:
    workers = Family("workers", "gauge", "Workers of the last 24 h, by state.")
    devices = Family("worker_devices", "gauge", "Devices of the workers that are not offline, by host and name.")
    counts = dict.fromkeys(WORKER_STATES, 0)
    names: dict[tuple[str, str], int] = {}
    for worker in session.scalars(select(Worker).where(Worker.last_seen_at > forgotten_since)):
        state = "offline" if worker.last_seen_at < silent_since else worker.state
        counts[state] = counts.get(state, 0) + 1
        for device in worker.devices if state != "offline" else ():
            place = (worker.host, str(device.get("name", "")))
            names[place] = names.get(place, 0) + 1
    for state, count in counts.items():
        workers.add(count, {"state": state})
    for (host, name), count in sorted(names.items()):
        devices.add(count, {"host": host, "device": name})
    return [workers, devices]


def _stored_bytes(session: Session) -> int:
    contents = select(func.max(Artifact.bytes).label("bytes")).group_by(Artifact.sha256).subquery()
    return int(session.scalar(select(func.coalesce(func.sum(contents.c.bytes), 0))) or 0)


def _age(session: Session, oldest: Any, now: datetime) -> float:
    """Return the seconds since a moment; 0 if there is none or it lies in the future."""
    moment = session.scalar(oldest)
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _one(name: str, text: str, value: float) -> Family:
    family = Family(name, "gauge", text)
    family.add(value)
    return family
