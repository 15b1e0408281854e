"""Follows a stage process to its end: events into rows, requests into signals, no process left."""

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
"""Each poll is at most one `metric` message, and a run's feed gets at most four of them a second (LIVE-1)."""


class StopRequest(StrEnum):
    """Why a stage is asked to end early."""

    CANCEL = "cancel"
    YIELD = "yield"


@dataclass(frozen=True)
class Pace:
    """How often the events are read, and how long a stage may take to save and leave."""

    poll_s: float
    grace_s: float


@dataclass(frozen=True)
class Ending:
    """How a stage process ended.

    Attributes:
        returncode: exit status; negative = minus the signal.
        stop: the request to stop that it got, if any.
        failure: the reason that it gave.
        oom_evidence: what shows that the kernel killed it for want of memory; None without any evidence.
    """

    returncode: int
    stop: StopRequest | None
    failure: Failed | None
    oom_evidence: str | None


def wanted_stop(keeper: LeaseKeeper, shutdown: threading.Event) -> StopRequest | None:
    """Return the request that the stage should get now: a cancellation comes before the worker's own end."""
    if keeper.wants_cancel:
        return StopRequest.CANCEL
    return StopRequest.YIELD if keeper.wants_yield or shutdown.is_set() else None


def supervise(
    process: StageProcess, ingestor: Ingestor, keeper: LeaseKeeper, *, pace: Pace, shutdown: threading.Event
) -> Ending:
    """Stay with a process until it has ended and all that it reported is in the database.

    To be called by the thread that started the process. The whole process group is gone when this returns or raises.

    Raises:
        StaleLease: when the stage was given to another attempt; the process is killed, and nothing more is written.
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
