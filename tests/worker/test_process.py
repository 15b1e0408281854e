"""The child process: its environment, its end, and nothing left of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.stage.folder import EVENTS_FILE
from tests.support.processes import is_alive
from tests.support.stand_in import stand_in
from tests.support.waiting import wait_until
from worker.process import CommandBuilder, Guards, StageProcess, stage_command, stage_environment

COUNT_PIPES = "import os; print(sum(os.readlink(p.path).startswith('pipe:') for p in os.scandir('/proc/self/fd')))"


@contextmanager
def started(folder: Path, command: CommandBuilder) -> Iterator[StageProcess]:
    folder.mkdir(exist_ok=True)
    process = StageProcess(folder, threads=3, command=command)
    try:
        yield process
    finally:
        process.close()


def missing_program(folder: Path, guards: Guards) -> Sequence[str]:
    return ("/no/such/program",)


def count_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_the_environment_fixes_the_threads_and_holds_no_setting_of_the_service() -> None:
    inherited = {"PATH": "/bin", "OMP_NUM_THREADS": "8", "PALIMPSEST_DATABASE_URL": "postgresql+psycopg://u:secret@h/d"}
    environment = stage_environment(3, inherited)
    assert environment["OMP_NUM_THREADS"] == environment["MKL_NUM_THREADS"] == "3"
    assert environment["PATH"] == "/bin"
    assert "PALIMPSEST_DATABASE_URL" not in environment


def test_a_stage_is_started_with_both_guards(tmp_path: Path) -> None:
    command = stage_command(tmp_path, Guards(17, silence_s=50))
    assert command[1:] == (
        *("-m", "core", "stage", str(tmp_path)),
        *("--parent-pid", str(os.getpid()), "--heartbeat-fd", "17", "--silence-s", "50"),
    )


def test_what_the_child_prints_is_appended_to_its_log(tmp_path: Path) -> None:
    (tmp_path / "out.log").write_text("before\n")
    with started(tmp_path, stand_in("environment:OMP_NUM_THREADS")) as process:
        assert process.ends_within(20)
        assert process.returncode == 0
    assert (tmp_path / "out.log").read_text() == "before\nOMP_NUM_THREADS=3\n"


def test_the_status_of_a_running_child_cannot_be_asked(tmp_path: Path) -> None:
    with started(tmp_path, stand_in("ignore")) as process, pytest.raises(RuntimeError, match="has not ended"):
        process.returncode  # noqa: B018 - reading it is what is tested


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_a_child_holds_the_reading_end_of_its_life_line_and_no_other_pipe(tmp_path: Path) -> None:
    def count_pipes(folder: Path, guards: Guards) -> Sequence[str]:
        return (sys.executable, "-c", COUNT_PIPES)

    with started(tmp_path / "a", stand_in("ignore")), started(tmp_path / "b", count_pipes) as second:
        assert second.ends_within(20)
    assert (tmp_path / "b" / "out.log").read_text() == "1\n"


def test_the_life_line_reaches_its_end_only_with_the_worker(tmp_path: Path) -> None:
    def wait_for_end_of_file(folder: Path, guards: Guards) -> Sequence[str]:
        return (sys.executable, "-c", f"import os\nwhile os.read({guards.heartbeat_fd}, 1): pass\nprint('end')")

    with started(tmp_path, wait_for_end_of_file) as process:
        assert not process.ends_within(0.3)
        process._is_closed.set()
        process._life_line.close()
        assert process.ends_within(20)
    assert (tmp_path / "out.log").read_text() == "end\n"


def test_a_request_to_stop_is_a_signal_that_the_child_can_obey(tmp_path: Path) -> None:
    with started(tmp_path, stand_in("started", "obey")) as process:
        wait_until((tmp_path / EVENTS_FILE).exists)
        process.ask_to_stop(grace_s=30)
        assert process.ends_within(20)
        assert (process.returncode, process.was_killed) == (75, False)


def test_a_child_that_ignores_the_request_is_killed_after_the_grace(tmp_path: Path) -> None:
    with started(tmp_path, stand_in("started", "ignore")) as process:
        wait_until((tmp_path / EVENTS_FILE).exists)
        process.ask_to_stop(grace_s=0.2)
        asked_at = time.monotonic()
        wait_until(lambda: process.ask_to_stop(grace_s=0.2) or process.ends_within(0.05), 20)
        assert time.monotonic() - asked_at >= 0.2
        assert (process.returncode, process.was_killed) == (-signal.SIGKILL, True)


def test_a_signal_from_elsewhere_is_not_taken_for_our_own(tmp_path: Path) -> None:
    with started(tmp_path, stand_in("die:9")) as process:
        assert process.ends_within(20)
    assert (process.returncode, process.was_killed) == (-9, False)


def test_nothing_that_the_child_started_survives_it(tmp_path: Path) -> None:
    with started(tmp_path, stand_in("grandchild")) as process:
        assert process.ends_within(20)
        grandchild = int((tmp_path / "grandchild.pid").read_text())
        assert is_alive(grandchild)
    wait_until(lambda: not is_alive(grandchild), 10)


def test_a_command_that_cannot_be_started_leaves_no_open_pipe(tmp_path: Path) -> None:
    before = count_descriptors()
    with pytest.raises(FileNotFoundError):
        StageProcess(tmp_path, threads=1, command=missing_program)
    assert count_descriptors() == before


GUARDED_CHILD = """
import sys, time
from core.runner.guards import watch_heartbeat
watch_heartbeat(int(sys.argv[1]), silence_s=2)
time.sleep(5)
print("still here", flush=True)
time.sleep(600)
"""
WORKER = """
import sys
from pathlib import Path
from worker.process import StageProcess
command = lambda folder, guards: (sys.executable, "-c", sys.argv[2], str(guards.heartbeat_fd))
process = StageProcess(Path(sys.argv[1]), threads=1, silence_s=2, command=command)
print(process.pid, flush=True)
process.ends_within(600)
"""


@pytest.mark.slow
def test_a_child_lives_as_long_as_its_worker_does_something_and_ends_when_it_is_frozen(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", WORKER, str(tmp_path), GUARDED_CHILD]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        wait_until(lambda: (tmp_path / "out.log").read_text() == "still here\n", 30, "longer than the silence allowed")
        worker.send_signal(signal.SIGSTOP)

        wait_until(lambda: not is_alive(pid), 30, "the end of a child whose worker is frozen")

        worker.kill()
    assert "the worker was silent for 2 s" in (tmp_path / "out.log").read_text()
