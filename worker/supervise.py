"""Follow a stage process to its end: ingest events, turn requests into signals, leave no process."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from enum import StrEnum

from core.stage.events import Failed
from server.db.lifecycle import StaleLease
from worker.ingest import Ingestor
from worker.lease import LeaseKeeper
from worker.memory_limit import count_oom_kills
from worker.process import StageProcess

SHORTEST_POLL_S = 0.25
"""Minimum poll interval: each poll writes at most one `metric` message, and a feed gets at most four a second."""


class StopRequest(StrEnum):
    """Reason for asking a stage to end early."""

    CANCEL = "cancel"
    YIELD = "yield"


@dataclass(frozen=True)
class Pace:
    """Interval between reads of the events, and the time that a stage may take to save and end."""

    poll_s: float
    grace_s: float


@dataclass(frozen=True)
class Ending:
    """How a stage process ended.

    Attributes:
        returncode: exit status; negative = minus the signal.
        stop: the stop request that it received, if any.
        failure: the reason that it reported.
        oom_evidence: evidence that the kernel killed it for lack of memory, or None.
    """

    returncode: int
    stop: StopRequest | None
    failure: Failed | None
    oom_evidence: str | None


def wanted_stop(keeper: LeaseKeeper, shutdown: threading.Event) -> StopRequest | None:
    """Return the stop request for the stage now; a cancellation takes precedence over the worker's shutdown."""
    if keeper.wants_cancel:
        return StopRequest.CANCEL
    gives_back = keeper.wants_pause or keeper.wants_yield or shutdown.is_set()
    return StopRequest.YIELD if gives_back else None


def supervise(
    process: StageProcess, ingestor: Ingestor, keeper: LeaseKeeper, *, pace: Pace, shutdown: threading.Event
) -> Ending:
    """Follow a process until it has ended and all its events are in the database.

    Call it in the thread that started the process. The whole process group has ended when this returns or raises.

    Raises:
        StaleLease: when another attempt has the stage; the process is killed, and nothing more is written.
    """
    oom_kills = count_oom_kills()
    stop: StopRequest | None = None
    try:
        while not process.ends_within(max(pace.poll_s, SHORTEST_POLL_S)):
            if keeper.is_lost:
                raise StaleLease(keeper.lease)
            stop = wanted_stop(keeper, shutdown) or stop
            if stop is not None:
                process.ask_to_stop(pace.grace_s)
            ingestor.poll()
    finally:
        process.close()
    ingestor.drain()
    is_killed = process.returncode == -signal.SIGKILL and not process.was_killed
    evidence = count_oom_kills().since(oom_kills) if is_killed else None
    return Ending(process.returncode, stop, ingestor.failure, evidence)
