"""A whole installation for flow tests: server, scheduler and workers as real processes, and ways to hurt them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import undefer

from core.stage.events import CheckpointWritten, read_events
from core.stage.folder import EVENTS_FILE, RESULT_FILE
from palimpsest import Client
from palimpsest.client.errors import ServiceUnreachableError
from server.db.migrate import upgrade
from server.db.models import Checkpoint, Stage
from server.db.session import Database
from server.queue import make_celery, publish
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

START_S = 60.0
STAGE_S = 120.0
"""Patience for a start and for a stage: a loaded machine takes several times as long as a quiet one."""

SHORT_TIMES = {
    "heartbeat_s": 0.5,
    "lease_ttl_s": 5,
    "reaper_s": 0.5,
    "dispatch_s": 0.25,
    "requeue_after_s": 1,
    "requeue_every_s": 2,
    "ingest_s": 0.25,
    "broker_poll_s": 0.1,
    "cancel_grace_s": 30,
    "cancel_limit_s": 20,
    "retry_waits_s": [0.2],
}


class Installation:
    """The processes of one installation; a context manager that leaves none behind.

    Attributes:
        settings: with short times.
        database, storage: the same that the processes use.
        client: of its API.
    """

    def __init__(self, home: Path, **settings: object) -> None:
        options = {"home": home, "port": free_port(), "sqlite_synchronous": "NORMAL", "threads": 1}
        self.settings = Settings.model_validate(options | SHORT_TIMES | settings)
        home.mkdir(parents=True, exist_ok=True)
        upgrade(self.settings.database_url)
        self.database = Database(self.settings.database_url, sqlite_synchronous="NORMAL")
        self.storage = LocalStorage(self.settings.storage_folder)
        self.client = Client(f"http://127.0.0.1:{self.settings.port}")
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            self.kill(process)
        self.client.close()
        self.database.dispose()

    def start(self, command: str) -> subprocess.Popen[bytes]:
        """Start `palimpsest COMMAND` with the settings of this installation."""
        log = self.settings.home / f"{command}-{len(self._processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "palimpsest.service.cli", command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(os.environ) | environment(self.settings),
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def process(self, command: str) -> subprocess.Popen[bytes]:
        """Return the process that was last started for a command."""
        return next(process for process in reversed(self._processes) if _command_of(process) == command)

    def alive(self, command: str) -> list[subprocess.Popen[bytes]]:
        """Return the processes of a command that have not ended."""
        return [process for process in self._processes if _command_of(process) == command and process.poll() is None]

    def start_server(self) -> subprocess.Popen[bytes]:
        """Start the API and wait until it answers."""
        process = self.start("server")
        wait_until(self._answers, START_S, "an answer of the API")
        return process

    def kill(self, process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGKILL) -> int:
        """End a process by a signal and return its status; one that is frozen gets it too."""
        if process.poll() is None:
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)
        return process.wait(START_S)

    @contextmanager
    def paused(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """Let a process do nothing for a while, from a moment at which it holds no lock of the database."""
        wait_until(lambda: self._stopped_without_lock(process), START_S, "a moment without a lock of the database")
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def _stopped_without_lock(self, process: subprocess.Popen[bytes]) -> bool:
        process.send_signal(signal.SIGSTOP)
        try:
            with self.database.write():
                return True
        except OperationalError:
            process.send_signal(signal.SIGCONT)
            return False

    def stages(self, run_id: str) -> Sequence[Stage]:
        """Return the stages of a run in order, with their attempts."""
        with self.database.read() as session:
            stages = session.scalars(
                select(Stage).where(Stage.run_id == run_id).order_by(Stage.index).options(undefer(Stage.outputs))
            ).all()
            assert all(isinstance(stage.attempts, list) for stage in stages)
        return stages

    def attempt_states(self, run_id: str) -> list[list[str]]:
        """Return the states of the attempts at each stage."""
        return [[attempt.state for attempt in stage.attempts] for stage in self.stages(run_id)]

    def checkpoints(self, stage_id: str) -> Sequence[Checkpoint]:
        """Return the checkpoints of a stage that can be resumed from, newest first."""
        newest_first = (Checkpoint.attempt_number.desc(), Checkpoint.iteration.desc())
        with self.database.read() as session:
            statement = select(Checkpoint).where(Checkpoint.stage_id == stage_id).order_by(*newest_first)
            return session.scalars(statement).all()

    def freeze_stage(self, worker: subprocess.Popen[bytes], run_id: str, index: int, checkpoints: int = 1) -> int:
        """Stop a stage's process in the middle of its training, once so many checkpoints are stored.

        Returns:
            Its process id. Nothing happens in it until it is killed or continued.
        """
        stage = self.stages(run_id)[index]
        folder = self.settings.runs_folder / run_id / f"{index}-{stage.name}" / "attempt-1"
        needed = f"checkpoint {checkpoints} of stage {index}"
        # The event, not the folder: a process that is stopped between the two would never report what it has written.
        wait_until(lambda: _reported_checkpoints(folder) >= checkpoints, STAGE_S, needed)
        pid = stage_process(worker)
        os.kill(pid, signal.SIGSTOP)
        assert not (folder / RESULT_FILE).exists(), "the stage was quicker than the test"
        wait_until(lambda: len(self.checkpoints(stage.id)) >= checkpoints, START_S, f"{needed} in the database")
        return pid

    def send_again(self, stage: Stage, times: int) -> None:
        """Put messages of a queued stage into the queue, beside the one that is there."""
        celery = make_celery(self.settings)
        assert all(publish(celery, stage.id, stage.dispatch_no, "default") for _ in range(times))

    def _answers(self) -> bool:
        try:
            self.client.methods()
        except ServiceUnreachableError:
            return False
        return True


def _command_of(process: subprocess.Popen[bytes]) -> str:
    """Return the command of `palimpsest` that a process was started for."""
    assert isinstance(process.args, list)
    return str(process.args[-1])


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables under which another process has the same settings."""
    fields = settings.model_dump(mode="json", exclude_defaults=True)
    return {
        f"PALIMPSEST_{name.upper()}": ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in fields.items()
    }


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stage_process(worker: subprocess.Popen[bytes]) -> int:
    """Return the process id of the stage that a worker runs."""

    def find() -> list[int]:
        children = psutil.Process(worker.pid).children()
        return [child.pid for child in children if is_alive(child.pid) and "stage" in child.cmdline()]

    return wait_until(find, START_S, "a stage process")[0]


def _reported_checkpoints(folder: Path) -> int:
    return sum(isinstance(event, CheckpointWritten) for event, _ in read_events(folder / EVENTS_FILE))
