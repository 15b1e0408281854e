"""A disk that is full again and again: the run waits each time, says why, and ends as if nothing had happened."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.test_crash_and_resume import assert_same_as
from tests.support.flow_run import DOCUMENT, SEED, Undisturbed
from tests.support.installation import STAGE_S, Installation
from tests.support.requirement import require
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DISK_MIB = 64
TIMES = 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, which takes the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)]
    mounts = shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    require(None if mounts else "this user may not mount a disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take the last byte of a disk; returns the file that has them."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            while _fits(file.fileno(), size):
                pass
    assert shutil.disk_usage(disk).free == 0
    return path


def _fits(descriptor: int, size: int) -> bool:
    try:
        return os.write(descriptor, b"x" * size) == size
    except OSError:
        return False


def test_a_run_waits_for_a_full_disk_however_often_and_says_so(
    small_disk: Path, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    # The database has a disk of its own here: it could not even store that the disk is full.
    settings = {
        "database_url": f"sqlite:///{tmp_path}/palimpsest.db",
        "broker_url": "embedded://",
        "min_free_bytes": DISK_MIB << 18,
        "max_attempts": 2,
    }
    with Installation(small_disk / "home", **settings) as installation:
        installation.start_server()
        installation.start("scheduler")
        installation.start("worker")
        run_id = installation.client.submit(DOCUMENT, seed=SEED).id
        for time in range(1, TIMES + 1):
            wait_until(lambda n=time: _attempts(installation, run_id) == n, STAGE_S, f"attempt {time}")
            filler = fill(small_disk)
            wait_until(lambda: _state(installation, run_id) == "retry_wait", STAGE_S, "the wait for space")
            stage = installation.stages(run_id)[0]
            filler.unlink()
            assert (stage.reason, stage.attempts[-1].state) == ("disk_full", "failed"), stage.attempts[-1].message
            assert "the disk is full" in stage.attempts[-1].message

        assert_same_as(installation, run_id, undisturbed)
        assert [len(stage.attempts) for stage in installation.stages(run_id)] == [TIMES + 1, 1, 1]


def _attempts(installation: Installation, run_id: str) -> int:
    return len(installation.stages(run_id)[0].attempts)


def _state(installation: Installation, run_id: str) -> str:
    return installation.stages(run_id)[0].state
