"""Run a dataset's scan on a worker: claim, check in a child process, settle (DS-1)."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path

from core.data.report import DataReport
from core.stage.folder import LOG_FILE
from server.db import dataset_scans
from server.db.dataset_scans import DatasetState, ScanClaim, ScanResult
from worker.context import WorkerContext
from worker.memory_limit import count_oom_kills
from worker.outage import through_outage, write_through
from worker.process import CommandBuilder, Guards, StageProcess
from worker.process_ending import ending_in_words

log = logging.getLogger(__name__)

CLAIM_LIMIT_S = 30.0
POLL_S = 0.25
MAX_CLAIMS = 3
"""Number of workers that may die of a scan before it fails."""

DOCUMENT, REPORT, INDEX = "dataset.json", "report.json", "images.npz"


class Stop(StrEnum):
    """Reason for ending a check early."""

    LOST = "lost"
    SHUTDOWN = "shutdown"
    OVERDUE = "overdue"


class ScanFailed(Exception):
    """The dataset could not be scanned; the message is for people."""


def scan_next(context: WorkerContext, *, command: CommandBuilder | None = None) -> bool:
    """Claim the first waiting scan and carry it out; False when none waits, or another worker took it.

    Args:
        context: context of the worker.
        command: builds the command of the check; the default is `python -m core check-data`.
    """
    claim = through_outage(partial(_claim, context), limit_s=CLAIM_LIMIT_S)
    if claim is None:
        return False
    dataset_id = claim.dataset_id
    context.beat.begin_scan(dataset_id)
    folder = context.settings.cache_folder / "scans" / f"{dataset_id}-{claim.scan_no}-{claim.number}"
    try:
        _carry_out(context, claim, folder, command or partial(check_command, context.machine.data_home))
    except ScanFailed as error:
        _fail(context, claim, str(error))
    except Exception as error:  # the job's catch-all: an error of the worker must never lose a scan
        log.exception("dataset %s: the scan failed", dataset_id)
        _fail(context, claim, f"the worker failed: {type(error).__name__}: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        context.beat.end_scan(dataset_id)
    return True


def check_command(data_home: Path, folder: Path, guards: Guards) -> Sequence[str]:
    """Return the command of a real check; it reads and writes in `folder`, and starts no processes."""
    files = (str(folder / DOCUMENT), "--json", str(folder / REPORT), "--index", str(folder / INDEX))
    return (sys.executable, "-m", "core", "check-data", *files, "--data-home", str(data_home), *guards.arguments())


def _carry_out(context: WorkerContext, claim: ScanClaim, folder: Path, command: CommandBuilder) -> None:
    for left in folder.parent.glob(f"{claim.dataset_id}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / DOCUMENT).write_text(json.dumps({"dataset": claim.spec}), encoding="utf-8")
    oom_kills = count_oom_kills()
    threads, silence_s = context.settings.threads, context.silence_s
    process = StageProcess(folder, threads=threads, silence_s=silence_s, command=command)
    log.info("dataset %s: scan %d runs as process %d", claim.dataset_id, claim.scan_no, process.pid)
    stop = _follow(context, claim, process)
    if stop is Stop.SHUTDOWN:
        write_through(context.database, partial(dataset_scans.release_scan, claim=claim))
    elif stop is Stop.LOST:
        log.warning("dataset %s: the scan was taken over, asked for again, or deleted", claim.dataset_id)
    elif stop is Stop.OVERDUE:
        limit = f"{context.settings.scan_limit_s:.0f} s"
        raise ScanFailed(f"the scan took longer than {limit} and was ended; raise PALIMPSEST_SCAN_LIMIT_S")
    elif not (folder / REPORT).is_file():
        raise ScanFailed(ending_in_words("check", "scan again", process.returncode, folder / LOG_FILE, oom_kills))
    else:
        _settle(context, claim, folder)


def _follow(context: WorkerContext, claim: ScanClaim, process: StageProcess) -> Stop | None:
    """Follow the check to its end and renew the claim; all its processes have ended when this returns."""
    settings = context.settings
    overdue_at = time.monotonic() + settings.scan_limit_s
    renew_at = time.monotonic() + settings.heartbeat_s
    try:
        while not process.ends_within(POLL_S):
            now = time.monotonic()
            if context.shutdown.is_set():
                return Stop.SHUTDOWN
            if now >= overdue_at:
                return Stop.OVERDUE
            if now >= renew_at:
                renew_at = now + settings.heartbeat_s
                if not write_through(
                    context.database, partial(dataset_scans.renew_scan, claim=claim, lease_ttl_s=settings.lease_ttl_s)
                ):
                    return Stop.LOST
    finally:
        process.close()
    return None


def _settle(context: WorkerContext, claim: ScanClaim, folder: Path) -> None:
    text = (folder / REPORT).read_text(encoding="utf-8")
    report = DataReport.model_validate_json(text)
    if report.digest is None:
        raise ScanFailed("; ".join(fault.message for fault in report.faults) or "the dataset has no images")
    index = context.storage.put_file(folder / INDEX, move=True)
    result = ScanResult(
        state=DatasetState.READY if report.is_sound else DatasetState.FAULTY,
        message=None,
        report=json.loads(text),
        index_sha256=index,
        digest=report.digest,
    )
    write_through(context.database, partial(dataset_scans.settle_scan, claim=claim, result=result))
    # The new index is unused if the claim was lost meanwhile; the old index is unused once it was replaced.
    for sha256 in (index, claim.index_sha256):
        if sha256 is not None and not write_through(
            context.database, partial(dataset_scans.is_index_used, sha256=sha256)
        ):
            context.storage.delete(sha256)


def _claim(context: WorkerContext) -> ScanClaim | None:
    with context.database.read() as session:
        waiting = dataset_scans.waiting_scans(session)
    if not waiting:
        return None
    dataset_id, scan_no = waiting[0]
    with context.database.write() as session:
        return dataset_scans.claim_scan(
            session,
            dataset_id,
            scan_no,
            worker_id=context.identity.id,
            lease_ttl_s=context.settings.lease_ttl_s,
            max_claims=MAX_CLAIMS,
        )


def _fail(context: WorkerContext, claim: ScanClaim, message: str) -> None:
    write_through(context.database, partial(dataset_scans.fail_scan, claim=claim, message=message))
