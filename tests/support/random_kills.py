"""Processes of an installation that are killed at random moments, and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil

from tests.support.installation import Installation
from tests.support.waiting import wait_until

LONGEST_WAIT_S = {"scan": 1.0, "server": 1.0, "scheduler": 1.0}
USUAL_WAIT_S = 2.5
"""Up to so much after its beginning a victim is killed; about as long as a small stage or scan lasts."""
AT_WORK = {"stage": "stage", "worker": "stage", "scan": "check-data"}
"""Victim -> the child of a worker with which its moment begins."""
PATIENCE_S = 10.0
PARTS = ("server", "scheduler", "worker")


class RandomKills:
    """Kills one victim after the other with SIGKILL, each a random while after it has begun to work.

    A victim is a part of the installation, `stage` for the process of a stage, or `scan` for a worker that scans; where
    no stage or scan runs, and none begins within `PATIENCE_S`, some worker is killed.

    Attributes:
        done: how many kills there were.
        told: what was killed, in order.
    """

    def __init__(
        self, installation: Installation, victims: Sequence[str], seed: int, before: Callable[[str], None]
    ) -> None:
        """Prepare the kills.

        Args:
            installation: whose parts all run.
            victims: in any order; the seed draws it.
            seed: of order and moments.
            before: is told each victim before the wait for its moment begins.
        """
        self._installation, self._before, self._draws = installation, before, random.Random(seed)
        self._victims = self._draws.sample(list(victims), len(victims))
        self._thread = threading.Thread(target=self._kill_all, name="random-kills")
        self._left = threading.Event()
        self.told: list[str] = []

    @property
    def done(self) -> int:
        """How many kills there were."""
        return len(self.told)

    @property
    def is_over(self) -> bool:
        """Whether every victim is dead and started again."""
        return not self._thread.is_alive()

    def __enter__(self) -> RandomKills:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._left.set()
        self._thread.join()

    def _kill_all(self) -> None:
        for victim in self._victims:
            self._before(victim)
            self._let_work(victim)
            # No condition to wait for: the moment itself is what is drawn.
            if self._left.wait(self._draws.uniform(0, LONGEST_WAIT_S.get(victim, USUAL_WAIT_S))):
                return
            self.told.append(self._kill(victim))

    def _let_work(self, victim: str) -> None:
        if victim in AT_WORK:
            with suppress(TimeoutError):
                wait_until(lambda: self._left.is_set() or self._children(AT_WORK[victim]), PATIENCE_S)

    def _children(self, command: str) -> list[tuple[subprocess.Popen[bytes], int]]:
        """Return the workers that run a command, each with the process that does."""
        found = []
        for worker in self._installation.alive("worker"):
            with suppress(psutil.NoSuchProcess):
                children = psutil.Process(worker.pid).children()
                found += [(worker, child.pid) for child in children if command in child.cmdline()]
        return found

    def _kill(self, victim: str) -> str:
        if victim == "stage" and self._kill_stage():
            return "stage"
        part = victim if victim in PARTS else "worker"
        at_work = [worker for worker, _ in self._children(AT_WORK[victim])] if victim in AT_WORK else []
        self._installation.kill((at_work or self._installation.alive(part))[0])
        self._installation.start(part)
        return victim if at_work else part

    def _kill_stage(self) -> bool:
        """Kill the stage that runs now, if one does; its worker reports it and goes on."""
        with suppress(ProcessLookupError):
            for _, pid in self._children("stage"):
                os.kill(pid, signal.SIGKILL)
                return True
        return False
