"""A worker's slot for small jobs, such as scans of datasets: they never wait behind training (REC-6).

A thread of the worker looks into the database for work; no message is needed. Each job claims its work under a lease,
so several workers may look at once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from worker.context import WorkerContext

log = logging.getLogger(__name__)

SMALL_JOBS_QUEUE = "cpu"
"""A worker that serves this queue does small jobs too."""

Job = Callable[[WorkerContext], bool]
"""Claims one piece of work and carries it out; returns False when there was none."""


class SmallJobs:
    """Does the jobs of a worker one after the other, from `start` until the worker shuts down."""

    def __init__(self, context: WorkerContext, jobs: Sequence[Job], *, look_s: float) -> None:
        self._context = context
        self._jobs = jobs
        self._look_s = look_s
        self._thread = threading.Thread(target=self._run, name="small-jobs", daemon=True)

    def start(self) -> None:
        """Begin to look for work, every `look_s` seconds; does nothing without jobs."""
        if self._jobs:
            self._thread.start()

    def join(self) -> None:
        """Wait until the job in progress was given back; the context's shutdown must be set."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._context.shutdown.is_set():
            worked = [self._do(job) for job in self._jobs]
            if not any(worked):
                self._context.shutdown.wait(self._look_s)

    def _do(self, job: Job) -> bool:
        try:
            return job(self._context)
        except Exception:  # no error may end the slot; the job is claimed again
            log.exception("a small job failed, and is tried again")
            return False
