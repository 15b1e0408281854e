"""Periodic duties: sending queued stages, retries, expired leases, housekeeping.

Each duty is one pass, a plain function. Two processes may safely run the same pass at the same time. `SchedulerLoop`
runs the passes in turn while it holds a row of the database, so that only one of several schedulers works.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from celery import Celery
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import ReasonCode
from server import embedded_broker
from server.auth.known import forget_expired
from server.db import lifecycle
from server.db.annotations import sweep_rounds
from server.db.assistants import forget_embeddings
from server.db.clock import database_now
from server.db.models import Attempt, Dispatch, IdempotencyKey, Run, RunEvent, SchedulerLock, Stage, Worker
from server.db.session import Database
from server.db.states import LIVE_ATTEMPT_STATES, TERMINAL_RUN_STATES, RunState, StageState
from server.outbox import send_stages
from server.settings import Settings
from server.storage import LocalStorage, Storage

LOCK_NAME = "scheduler"
LOCK_TTL_S = 10.0
BATCH = 500
"""Maximum number of rows of one kind per pass; the next pass handles the rest."""
TAKEN_MESSAGE_S = 24 * 3600
FORGET_WORKER_S = 24 * 3600
KEPT_ANSWER_S = 24 * 3600
"""Time for which a request may be repeated under its idempotency key."""

logger = logging.getLogger(__name__)


def retry_pass(database: Database, settings: Settings) -> int:
    """Queue the stages whose retry wait is over; returns how many. After a full disk, wait until there is space."""
    settings.home.mkdir(parents=True, exist_ok=True)
    has_space = shutil.disk_usage(settings.home).free >= settings.min_free_bytes
    with database.read() as session:
        statement = select(Stage.id).where(
            Stage.state == StageState.RETRY_WAIT, Stage.not_before <= database_now(session)
        )
        if not has_space:
            statement = statement.where(Stage.reason.is_distinct_from(ReasonCode.DISK_FULL.value))
        due = session.scalars(statement.limit(BATCH)).all()
    queued = 0
    for stage_id in due:
        with database.write() as session:
            queued += lifecycle.queue_retry(session, stage_id)
    return queued


def reaper_pass(database: Database, settings: Settings) -> int:
    """End attempts with expired leases and cancellations that no worker acknowledges; returns how many."""
    policy = lifecycle.RetryPolicy.of(settings)
    with database.read() as session:
        live = Attempt.state.in_(LIVE_ATTEMPT_STATES)
        expired = select(Attempt.id).where(live, Attempt.lease_until < database_now(session)).limit(BATCH)
        attempts = session.scalars(expired).all()
        cancelling = session.scalars(select(Run.id).where(Run.state == RunState.CANCELLING)).all()
    ended = 0
    for attempt_id in attempts:
        with database.write() as session:
            ended += lifecycle.expire_lease(session, attempt_id, policy)
    for run_id in cancelling:
        with database.write() as session:
            limit_s = settings.cancel_limit_s
            ended += lifecycle.end_overdue_cancellation(session, run_id, limit_s=limit_s, policy=policy)
    return ended


def sweep_pass(database: Database, settings: Settings) -> None:
    """Remove old feeds of ended runs, void messages, expired sessions, kept answers, and workers that are gone."""
    with database.read() as session:
        now = database_now(session)
        old = now - timedelta(days=settings.event_retention_days)
        has_events = select(RunEvent.run_id).where(RunEvent.run_id == Run.id).exists()
        ended = select(Run.id).where(Run.state.in_(TERMINAL_RUN_STATES), Run.finished_at < old, has_events)
        trimmed = session.scalars(ended.limit(BATCH)).all()
    for run_id in trimmed:
        with database.write() as session:
            session.execute(delete(RunEvent).where(RunEvent.run_id == run_id))
    with database.write() as session:
        is_open = select(Stage.id).where(
            Stage.id == Dispatch.stage_id, Stage.dispatch_no == Dispatch.dispatch_no, Stage.state == StageState.QUEUED
        )
        session.execute(delete(Dispatch).where(Dispatch.created_at < old, ~is_open.exists()))
        session.execute(delete(Worker).where(Worker.last_seen_at < now - timedelta(seconds=FORGET_WORKER_S)))
        silent = Worker.last_seen_at < now - timedelta(seconds=settings.worker_offline_s)
        session.execute(update(Worker).where(silent).values(state="offline"))
        forget_expired(session)
        session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.created_at < now - timedelta(seconds=KEPT_ANSWER_S))
        )
    embedded_broker.prune(settings, older_than_s=TAKEN_MESSAGE_S)


def embedding_pass(database: Database, storage: Storage) -> int:
    """Remove the assistant's files for rounds that nobody answers any more; returns how many."""
    with database.write() as session:
        gone = forget_embeddings(session, BATCH)
    for sha256 in gone:
        storage.delete(sha256)
    return len(gone)


def take_lock(database: Database, holder: str, *, ttl_s: float = LOCK_TTL_S) -> bool:
    """Take or renew the scheduler's lock row for `holder`; returns False while another holds it."""
    try:
        with database.write() as session:
            lock = session.get(SchedulerLock, LOCK_NAME, with_for_update=True)
            now = database_now(session)
            if lock is not None and lock.holder != holder and lock.until > now:
                return False
            if lock is None:
                lock = SchedulerLock(name=LOCK_NAME)
                session.add(lock)
            lock.holder, lock.until = holder, now + timedelta(seconds=ttl_s)
    except IntegrityError:
        # Another process inserted the row between our read and our insert.
        return False
    return True


def drop_lock(database: Database, holder: str) -> None:
    """Release the lock row, if `holder` has it."""
    with database.write() as session:
        session.execute(delete(SchedulerLock).where(SchedulerLock.name == LOCK_NAME, SchedulerLock.holder == holder))


class SchedulerLoop:
    """Runs all passes, each at its own interval, until it is told to stop."""

    def __init__(self, database: Database, celery: Celery, settings: Settings, stop: threading.Event) -> None:
        storage = LocalStorage(settings.storage_folder)
        self._database = database
        self._stop = stop
        self._tick_s = min(settings.dispatch_s, settings.reaper_s, settings.sweep_s)
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._lock_until = 0.0
        self._duties: list[tuple[str, float, Callable[[], object]]] = [
            ("retry", settings.dispatch_s, lambda: retry_pass(database, settings)),
            ("dispatch", settings.dispatch_s, lambda: send_stages(database, celery, settings)),
            ("reaper", settings.reaper_s, lambda: reaper_pass(database, settings)),
            ("round", settings.reaper_s, lambda: sweep_rounds(database, storage)),
            ("sweep", settings.sweep_s, lambda: sweep_pass(database, settings)),
            ("embedding", settings.sweep_s, lambda: embedding_pass(database, storage)),
        ]
        self._due = dict.fromkeys((name for name, _, _ in self._duties), 0.0)

    def run(self) -> None:
        """Work until `stop` is set; an error is logged, and the pass runs again when it is next due."""
        while not self._stop.is_set():
            self._make("lock", self._renew_lock)
            for name, interval_s, duty in self._duties:
                if self._may_make(name):
                    # Set the time before the pass: a failing pass must not run again at every turn.
                    self._due[name] = time.monotonic() + interval_s
                    self._make(name, duty)
            self._stop.wait(self._tick_s)
        if self._lock_until:
            self._make("lock", lambda: drop_lock(self._database, self._holder))

    def _may_make(self, name: str) -> bool:
        now = time.monotonic()
        return not self._stop.is_set() and now < self._lock_until and now >= self._due[name]

    def _renew_lock(self) -> None:
        now = time.monotonic()
        if now > self._lock_until - LOCK_TTL_S / 2:
            self._lock_until = now + LOCK_TTL_S if take_lock(self._database, self._holder) else 0.0

    @staticmethod
    def _make(name: str, duty: Callable[[], object]) -> None:
        try:
            duty()
        except Exception:  # no error may end the loop or block the other duties
            logger.exception("the scheduler's %s pass failed; it is made again", name)
