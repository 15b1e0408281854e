"""A stage process ends with its supervisor, and so does what it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import is_alive
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux's")

GUARDED = """
import os, subprocess, sys, time
from core.runner.guards import die_with_parent, watch_heartbeat
{guard}
child = subprocess.Popen(["sleep", "600"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
SUPERVISOR = """
import os, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())], start_new_session=True)
time.sleep(600)
"""


def ends(pid: int) -> None:
    wait_until(lambda: not is_alive(pid), 10, f"the end of process {pid}")


def test_a_closed_heartbeat_kills_the_process_and_what_it_started():
    reader, writer = os.pipe()
    code = GUARDED.format(guard="watch_heartbeat(int(sys.argv[1]))")
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(reader)],
        start_new_session=True,
        pass_fds=(reader,),
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(reader)
    assert process.stdout is not None
    _, grandchild = map(int, process.stdout.readline().split())
    os.write(writer, b"still here")
    assert process.poll() is None

    os.close(writer)

    assert process.wait(10) == -signal.SIGKILL
    ends(grandchild)
    process.stdout.close()


def test_a_silent_heartbeat_kills_the_process_and_what_it_started():
    reader, writer = os.pipe()
    code = GUARDED.format(guard="watch_heartbeat(int(sys.argv[1]), silence_s=1)")
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(reader)],
        start_new_session=True,
        pass_fds=(reader,),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(reader)
    os.write(writer, b".")

    printed, complaint = process.communicate(timeout=30)

    assert process.returncode == -signal.SIGKILL
    ends(int(printed.split()[1]))
    assert "the worker was silent for 1 s" in complaint
    os.close(writer)


def test_a_killed_supervisor_takes_the_process_with_it():
    code = GUARDED.format(guard="die_with_parent(int(sys.argv[1]))")
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    guarded, grandchild = map(int, supervisor.stdout.readline().split())

    supervisor.kill()

    ends(guarded)
    os.kill(grandchild, signal.SIGKILL)
    supervisor.wait()
    supervisor.stdout.close()


def test_a_process_whose_supervisor_is_gone_already_leaves(tmp_path: Path):
    code = "import sys; from core.runner.guards import die_with_parent; die_with_parent(1); print('went on')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "the supervising process 1 is gone" in ended.stderr
    assert ended.stdout == ""
