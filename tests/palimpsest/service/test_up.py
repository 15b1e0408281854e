"""The all-in-one service as a process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import select

from palimpsest import Client
from server.db.models import Attempt, Run, Stage
from server.db.session import Database
from tests.support.service_process import PalimpsestCommand
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

ENDLESS = {
    "method": "finetune",
    "dataset": {"world": "objects", "classes": 2, "size_px": 32, "train_images": 8, "eval_images": 4},
    "stream": {"kind": "class_incremental", "setting": "overlap", "steps": [[1, 2]]},
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 32},
        "optim": {"lr_base": 0.01, "batch_size": 2, "iterations": 1_000_000},
    },
}


@contextmanager
def up(home: Path) -> Iterator[PalimpsestCommand]:
    """Start a service, wait until it answers, and end it."""
    command = PalimpsestCommand("up", home=home)
    try:
        command.address()
        yield command
    finally:
        command.end()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PalimpsestCommand]:
    """A service that is up; no test ends it."""
    with up(tmp_path_factory.mktemp("up")) as command:
        yield command


def worker_processes(service: PalimpsestCommand) -> list[psutil.Process]:
    children = psutil.Process(service.process.pid).children()
    found = []
    for child in children:
        # One that has just been killed has no command line any more.
        with suppress(psutil.Error):
            found += [child] if "worker" in child.cmdline() else []
    return found


def test_it_answers_and_a_killed_worker_is_replaced(service: PalimpsestCommand) -> None:
    ready = httpx.get(f"{service.address()}/readyz", trust_env=False)
    first = wait_until(lambda: worker_processes(service), what="a worker")[0]

    os.kill(first.pid, signal.SIGKILL)

    found = wait_until(
        lambda: [child for child in worker_processes(service) if child.pid != first.pid], what="a new one"
    )
    assert ready.json()["ready"]
    assert len(found) == 1


def test_a_second_service_on_the_port_says_so_in_one_sentence(service: PalimpsestCommand, tmp_path: Path) -> None:
    port = service.address().rpartition(":")[2]

    second = PalimpsestCommand("up", home=tmp_path / "second", settings={"PORT": port})

    assert second.process.wait(60) == 1
    assert second.printed == (
        f"Port {port} of 127.0.0.1 is busy: end the program that uses it, or choose another with PALIMPSEST_PORT.\n"
    )
    assert not (tmp_path / "second" / "palimpsest.db").exists()


def test_ctrl_c_gives_the_running_stage_back_and_leaves_no_process(tmp_path: Path) -> None:
    with up(tmp_path) as service:
        with Client(service.address()) as client:
            run = client.submit(ENDLESS)
            next(event for event in client.events(run.id) if event.type == "metric")
        processes = psutil.Process(service.process.pid).children(recursive=True)

        status = service.interrupt()

    database = Database(f"sqlite:///{tmp_path / 'palimpsest.db'}")
    with database.read() as session:
        states = session.execute(
            select(Run.state, Stage.state, Attempt.state).join(Run.stages).join(Stage.attempts)
        ).all()
    database.dispose()
    assert status == 0
    assert len(processes) >= 2
    assert [process for process in processes if process.is_running()] == []
    assert [tuple(row) for row in states] == [("queued", "queued", "yielded")]
