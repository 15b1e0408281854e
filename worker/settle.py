"""Write an attempt's ending to the database: one transaction, retried while the database is away (REC-12, 18)."""

from __future__ import annotations

import logging
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from core.errors import CoreError, ReasonCode, is_disk_full
from core.stage.folder import EXIT_INTERRUPTED, LOG_FILE
from server.db import lifecycle
from server.db.lifecycle import Lease
from worker.blobs import discard
from worker.collect import collect, is_finished, settle_collected
from worker.context import WorkerContext
from worker.outage import through_outage
from worker.plain_text import plain
from worker.printed import last_lines
from worker.process import killed_by
from worker.supervise import Ending, StopRequest

log = logging.getLogger(__name__)

TRACE_LINES = 50
EVENT_ROOM_BYTES = 64 * 1024
"""Free space below which a stage may have been unable to write why it ended."""


def settle(context: WorkerContext, lease: Lease, folder: Path, ending: Ending) -> None:
    """Settle a stage whose process has ended.

    Raises:
        StaleLease: when the attempt was replaced.
        StorageError: when the outputs differ from `result.json`.
    """
    if is_finished(folder):
        _settle_finished(context, lease, folder)
    elif ending.stop is StopRequest.CANCEL:
        settle_cancelled(context, lease)
    elif ending.failure is not None:
        failure = ending.failure
        settle_failed(context, lease, failure.reason, failure.error, failure.trace)
    elif ending.stop is StopRequest.YIELD or ending.returncode == EXIT_INTERRUPTED:
        settle_yielded(context, lease)
    elif ending.returncode < 0:
        _settle_killed(context, lease, ending)
    else:
        _settle_without_reason(context, lease, folder, ending)


def settle_cancelled(context: WorkerContext, lease: Lease) -> None:
    """Acknowledge a cancellation; raises StaleLease."""
    _in_one_transaction(context, lambda session: lifecycle.settle_cancelled(session, lease))


def settle_yielded(context: WorkerContext, lease: Lease) -> None:
    """Give the stage back, so that another attempt continues it; raises StaleLease."""
    _in_one_transaction(context, lambda session: lifecycle.settle_yielded(session, lease))


def settle_failed(context: WorkerContext, lease: Lease, reason: ReasonCode, message: str, trace: str = "") -> None:
    """Report a failure; raises StaleLease."""
    message, trace, policy = plain(message), plain(trace), context.retry_policy
    _in_one_transaction(
        context, lambda session: lifecycle.settle_failed(session, lease, reason, message, trace or None, policy)
    )


def reason_of(error: BaseException) -> ReasonCode:
    """Return the reason code of an error in the worker itself."""
    if is_disk_full(error):
        return ReasonCode.DISK_FULL
    if isinstance(error, CoreError):
        return error.reason
    return ReasonCode.STORAGE_ERROR if isinstance(error, OSError) else ReasonCode.INTERNAL


def _settle_finished(context: WorkerContext, lease: Lease, folder: Path) -> None:
    collected = collect(context.storage, folder)
    dropped: set[str] = set()

    def attach(session: Session) -> None:
        dropped.update(settle_collected(session, lease, collected))

    _in_one_transaction(context, attach)
    through_outage(lambda: discard(context.database, context.storage, dropped))


def _settle_without_reason(context: WorkerContext, lease: Lease, folder: Path, ending: Ending) -> None:
    words = f"the stage process ended with status {ending.returncode} and gave no reason"
    if shutil.disk_usage(folder).free < EVENT_ROOM_BYTES:
        # The stage could not write its reason or its log.
        settle_failed(context, lease, ReasonCode.DISK_FULL, f"{words}; the disk is full, make room")
        return
    trace = last_lines(folder / LOG_FILE, TRACE_LINES)
    settle_failed(context, lease, ReasonCode.INTERNAL, f"{words}; see its log", trace)


def _settle_killed(context: WorkerContext, lease: Lease, ending: Ending) -> None:
    killed, policy = f"the stage process was {killed_by(-ending.returncode)}", context.retry_policy
    if ending.oom_evidence is not None:
        reason, message = ReasonCode.HOST_OUT_OF_MEMORY, f"{killed}; {ending.oom_evidence}"
    else:
        unknown = ", reason unknown" if ending.returncode == -signal.SIGKILL else ""
        reason, message = ReasonCode.WORKER_LOST, killed + unknown
    _in_one_transaction(context, lambda session: lifecycle.settle_lost(session, lease, reason, message, policy))


def _in_one_transaction(context: WorkerContext, action: Callable[[Session], None]) -> None:
    def transaction() -> None:
        with context.database.write() as session:
            action(session)

    through_outage(transaction)
