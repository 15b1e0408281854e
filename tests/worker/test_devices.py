"""GPUs of the machine, and the worker's row."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from server.db.models import Run, Worker
from server.db.session import Database
from tests.support.outage import UnreliableDatabase
from tests.support.waiting import wait_until
from worker.devices import Gpu, WorkerBeat, find_gpus, identify, parse_gpus, stage_device

LISTING = "0, NVIDIA H100 80GB HBM3, 81559\n1, NVIDIA H100 80GB HBM3, 81559\n"
GPUS = (Gpu(0, "NVIDIA H100 80GB HBM3", 81559 * 1024**2), Gpu(1, "NVIDIA H100 80GB HBM3", 81559 * 1024**2))


def tool(folder: Path, script: str) -> str:
    path = folder / "nvidia-smi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_drivers_listing_is_read() -> None:
    assert parse_gpus(LISTING) == GPUS
    assert parse_gpus("\n") == ()


def test_the_drivers_tool_is_asked(tmp_path: Path) -> None:
    assert find_gpus(tool(tmp_path, f"printf '{LISTING}'")) == GPUS


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'"])
def test_a_tool_that_fails_means_no_gpu(tmp_path: Path, script: str) -> None:
    assert find_gpus(tool(tmp_path, script)) == ()


def test_a_missing_tool_means_no_gpu(tmp_path: Path) -> None:
    assert find_gpus(str(tmp_path / "nvidia-smi")) == ()


def test_a_stage_gets_the_device_that_the_settings_name_else_a_gpu_where_there_is_one() -> None:
    assert stage_device("auto", ()) == "cpu"
    assert stage_device("auto", GPUS) == "cuda"
    assert stage_device("cpu", GPUS) == "cpu"
    assert stage_device("cuda:1", GPUS) == "cuda:1"


def beat_of(database: Database, shutdown: threading.Event, heartbeat_s: float = 0.05) -> WorkerBeat:
    return WorkerBeat(database, identify("w", ("default",), GPUS), heartbeat_s=heartbeat_s, shutdown=shutdown)


def row(database: Database) -> Worker:
    with database.read() as session:
        return session.scalars(select(Worker)).one()


@pytest.fixture
def shutdown() -> Iterator[threading.Event]:
    yield threading.Event()


def test_the_row_says_who_the_worker_is(database: Database, shutdown: threading.Event) -> None:
    beat = beat_of(database, shutdown)
    beat.start()
    worker = row(database)
    beat.stop()
    assert worker.id == f"w@{worker.host}:{os.getpid()}"
    assert (worker.state, worker.queues) == ("idle", ["default"])
    assert [device["name"] for device in worker.devices] == ["NVIDIA H100 80GB HBM3"] * 2
    assert worker.versions["celery"].startswith("5.")
    assert row(database).state == "offline"


def test_the_row_says_which_stage_the_worker_has(database: Database, run: Run, shutdown: threading.Event) -> None:
    beat = beat_of(database, shutdown, heartbeat_s=60)
    beat.begin(run.stages[0].id)
    assert (row(database).state, row(database).stage_id) == ("busy", run.stages[0].id)
    beat.end(run.stages[0].id)
    assert (row(database).state, row(database).stage_id) == ("idle", None)


def test_the_row_is_kept_fresh(database: Database, shutdown: threading.Event) -> None:
    beat = beat_of(database, shutdown)
    beat.start()
    first = row(database).last_seen_at
    wait_until(lambda: row(database).last_seen_at > first, 10)
    beat.stop()


def test_the_wish_that_a_worker_drains_is_kept_until_it_ends(
    database: Database, run: Run, shutdown: threading.Event
) -> None:
    beat = beat_of(database, shutdown, heartbeat_s=60)
    beat.begin(run.stages[0].id)
    with database.write() as session:
        session.execute(update(Worker).values(state="draining"))
    beat.end(run.stages[0].id)
    assert row(database).state == "draining"


def test_a_worker_that_starts_under_the_name_of_a_draining_one_is_not_draining(
    database: Database, shutdown: threading.Event
) -> None:
    beat = beat_of(database, shutdown, heartbeat_s=60)
    with database.write() as session:
        name = identify("w", ("default",), GPUS).id
        session.add(Worker(id=name, host="host", state="draining", queues=[], devices=[], versions={}))
    beat.start()
    assert row(database).state == "idle"
    beat.stop()


def test_a_worker_that_shuts_down_is_draining(database: Database, run: Run, shutdown: threading.Event) -> None:
    beat = beat_of(database, shutdown, heartbeat_s=60)
    shutdown.set()
    beat.begin(run.stages[0].id)
    assert row(database).state == "draining"


def test_an_outage_stops_nothing(database: Database, shutdown: threading.Event) -> None:
    unreliable = UnreliableDatabase(database.url)
    unreliable.away.set()
    beat = beat_of(unreliable, shutdown)
    beat.start()
    wait_until(lambda: unreliable.refused > 2, 10)
    unreliable.away.clear()
    wait_until(lambda: _states(database) == ["idle"], 10)
    beat.stop()
    unreliable.dispose()


def _states(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Worker.state)))
