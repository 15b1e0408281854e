"""The worker process of the all-in-one service, with small programs in its place."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from palimpsest.service.worker_child import WorkerChild
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

ORDERLY = """
    import pathlib, signal, sys, time
    def leave(*_):
        pathlib.Path(sys.argv[1], "gave back").touch()
        sys.exit(0)
    signal.signal(signal.SIGTERM, leave)
    pathlib.Path(sys.argv[1], "ready").touch()
    time.sleep(60)
"""
DEAF = """
    import pathlib, signal, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    pathlib.Path(sys.argv[1], "ready").touch()
    time.sleep(60)
"""

Starter = Callable[[str], WorkerChild]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Starter]:
    """Return a function that keeps a program alive; it gets the test's folder as its argument."""
    monkeypatch.setattr("palimpsest.service.worker_child.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("palimpsest.service.worker_child.YIELD_LIMIT_S", 0.5)
    started: list[WorkerChild] = []

    def start_program(program: str) -> WorkerChild:
        command: Sequence[str] = (sys.executable, "-c", textwrap.dedent(program), str(tmp_path))
        child = WorkerChild(command=lambda: command)
        started.append(child)
        child.start()
        wait_until((tmp_path / "ready").exists, what="the program is ready")
        return child

    yield start_program
    for child in started:
        child.stop()


def test_a_worker_that_dies_is_started_again(start: Starter) -> None:
    child = start(ORDERLY)
    first = child.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)

    second = wait_until(lambda: child.pid if child.pid not in {None, first} else None, what="a new worker")
    assert second != first


def test_stopping_lets_the_worker_give_its_stage_back(start: Starter, tmp_path: Path) -> None:
    child = start(ORDERLY)

    child.stop()

    assert (tmp_path / "gave back").exists()
    assert child.pid is None


def test_a_worker_that_takes_too_long_is_killed(start: Starter) -> None:
    child = start(DEAF)
    pid = child.pid
    assert pid is not None

    child.stop()

    assert not is_alive(pid)


def test_a_worker_ends_with_the_service_however_that_ended(tmp_path: Path) -> None:
    worker = textwrap.dedent(
        """
        import os, pathlib, sys, time
        from palimpsest.service.worker_child import end_with_parent
        end_with_parent(int(sys.argv[2]))
        pathlib.Path(sys.argv[1], str(os.getpid())).touch()
        time.sleep(60)
        """
    )
    service = textwrap.dedent(
        """
        import os, sys
        from palimpsest.service.worker_child import WorkerChild
        command = (sys.executable, "-c", sys.argv[2], sys.argv[1], str(os.getpid()))
        WorkerChild(command=lambda: command).start()
        """
    )
    process = subprocess.Popen([sys.executable, "-c", service, str(tmp_path), worker])
    pid = int(wait_until(lambda: [path.name for path in tmp_path.iterdir()], what="the worker runs")[0])

    process.kill()
    process.wait()

    wait_until(lambda: not is_alive(pid), what="the worker has ended")
