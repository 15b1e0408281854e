"""Run a stage on a worker: claim, prepare, supervise, settle."""

from __future__ import annotations

import logging
import traceback

from celery.exceptions import Reject

from core.errors import ReasonCode
from server.db import lifecycle
from server.db.lifecycle import Claim, Lease, StaleLease
from server.queue import drop_void
from worker.context import WorkerContext
from worker.ingest import Ingestor
from worker.lease import LeaseKeeper
from worker.outage import through_outage
from worker.process import StageProcess
from worker.settle import reason_of, settle, settle_cancelled, settle_failed, settle_yielded
from worker.supervise import StopRequest, supervise, wanted_stop
from worker.workspace import Workspace

log = logging.getLogger(__name__)

CLAIM_LIMIT_S = 30.0
"""Time limit for a claim during an outage: a message is only a hint, and the stage is sent again later."""


def run_stage(context: WorkerContext, stage_id: str, dispatch_no: int) -> None:
    """Claim the stage that is next in the queue of a message and carry it out; a void message is dropped (REC-3).

    Raises:
        Reject: when the worker is shutting down, so that another worker gets the message.
    """
    if context.shutdown.is_set():
        raise Reject("the worker is shutting down", requeue=True)
    claim = through_outage(lambda: _claim(context, stage_id, dispatch_no), limit_s=CLAIM_LIMIT_S)
    if claim is None:
        log.info("duplicate delivery dropped: stage %s, dispatch %d", stage_id, dispatch_no)
        drop_void(context.database, context.settings)
        return
    lease, settings = claim.lease, context.settings
    if lease.stage_id != stage_id:
        log.info("stage %s goes before stage %s, which the message named", lease.stage_id, stage_id)
    keeper = LeaseKeeper(context.database, lease, heartbeat_s=settings.heartbeat_s, lease_ttl_s=settings.lease_ttl_s)
    context.beat.begin(lease.stage_id)
    try:
        with keeper:
            _carry_out(context, lease, keeper)
    except StaleLease:
        _step_back(context, lease)
    except Exception as error:  # the worker's one catch-all: an error of the worker must never lose a stage
        log.exception("stage %s: the worker failed", lease.stage_id)
        _report(context, lease, error)
    finally:
        context.beat.end(lease.stage_id)


def _carry_out(context: WorkerContext, lease: Lease, keeper: LeaseKeeper) -> None:
    workspace = Workspace(context.database, context.storage, context.machine, lease)
    try:
        _work(context, lease, keeper, workspace)
    finally:
        # The folder is not read again: the next attempt has its own folder and resumes from storage. The folder of
        # the attempt that failed a run stays, because it can be replayed.
        if not (context.settings.keep_folders or workspace.has_failed()):
            workspace.remove()


def _work(context: WorkerContext, lease: Lease, keeper: LeaseKeeper, workspace: Workspace) -> None:
    spec = workspace.prepare()
    stop = wanted_stop(keeper, context.shutdown)
    if stop is StopRequest.CANCEL:
        settle_cancelled(context, lease)
    elif stop is StopRequest.YIELD:
        settle_yielded(context, lease)
    else:
        process = StageProcess(
            workspace.folder, threads=spec.threads, silence_s=context.silence_s, command=context.command
        )
        log.info("stage %s: attempt %d runs as process %d", lease.stage_id, spec.attempt, process.pid)
        ingestor = Ingestor(context.database, context.storage, lease, workspace.folder)
        ending = supervise(process, ingestor, keeper, pace=context.pace, shutdown=context.shutdown)
        settle(context, lease, workspace.folder, ending)


def _claim(context: WorkerContext, stage_id: str, dispatch_no: int) -> Claim | None:
    worker_id, lease_ttl_s = context.identity.id, context.settings.lease_ttl_s
    return lifecycle.claim_next(context.database, stage_id, dispatch_no, worker_id=worker_id, lease_ttl_s=lease_ttl_s)


def _step_back(context: WorkerContext, lease: Lease) -> None:
    """Leave the stage to its current attempt, and record in the history that this attempt came back too late."""
    log.warning("attempt %s: its lease was lost, nothing more is written", lease.attempt_id)

    def mark() -> None:
        with context.database.write() as session:
            lifecycle.fence(session, lease)

    through_outage(mark)


def _report(context: WorkerContext, lease: Lease, error: Exception) -> None:
    reason, words = reason_of(error), f"{type(error).__name__}: {error}"
    message = f"the disk is full; make room ({words})" if reason is ReasonCode.DISK_FULL else words
    try:
        settle_failed(context, lease, reason, message, traceback.format_exc())
    except StaleLease:
        _step_back(context, lease)
