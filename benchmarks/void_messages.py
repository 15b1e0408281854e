"""How long void messages keep the next stage from its worker: `python -m benchmarks.void_messages`.

Void messages are sent, then that of a run, all through the embedded broker; then a worker and a scheduler start. The
wait counts from the moment at which the worker is ready to the claim of the run. Two cases: messages that name no
stage, and those of runs that were queued and cancelled.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from celery import Celery
from sqlalchemy import delete, select

from benchmarks.latency import CAUSE, add_experiment, running_worker, wait_until
from server.db import lifecycle
from server.db.migrate import upgrade
from server.db.models import Attempt, Run, Stage, Worker
from server.db.session import Database
from server.db.states import TERMINAL_RUN_STATES
from server.queue import dispatch_after_commit, make_celery, publish
from server.scheduler import SchedulerLoop
from server.settings import Settings

LIMIT_S = 2.0


def main() -> int:
    """Measure, print the waits and write them down; returns 1 when the limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1000, help="void messages in front of the next stage")
    parser.add_argument("--out", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        upgrade(settings.database_url)
        database, celery = Database(settings.database_url), make_celery(settings)
        dispatch_after_commit(database, celery)
        waits = {}
        for case, put_messages in {"no stage": _no_stages, "cancelled runs": _cancelled}.items():
            put_messages(database, celery, arguments.messages)
            waits[case] = _wait_s(database, celery, settings)
        database.dispose()
    return _report(waits, arguments.messages, arguments.out)


def _no_stages(_database: Database, celery: Celery, count: int) -> None:
    """Send messages of stages that do not exist."""
    for _ in range(count):
        publish(celery, uuid.uuid4().hex, 1, "default")


def _cancelled(database: Database, _celery: Celery, count: int) -> None:
    """Queue runs, which sends their messages, and cancel them."""
    runs = _add_runs(database, count)
    with database.write() as session:
        for run_id in runs:
            lifecycle.request_cancel(session, run_id, cause=CAUSE)


def _wait_s(database: Database, celery: Celery, settings: Settings) -> float:
    """Queue a run behind the messages that are there; return the seconds from a worker's start to its claim."""
    [run_id] = _add_runs(database, 1)
    with database.write() as session:
        session.execute(delete(Worker))
    with running_worker(settings, database), _scheduler(database, celery, settings):
        wait_until(lambda session: session.get_one(Run, run_id).state in TERMINAL_RUN_STATES, database)
    with database.read() as session:
        ready_at = session.scalars(select(Worker.started_at)).one()
        claimed_at = session.scalars(select(Attempt.started_at).join(Attempt.stage).where(Stage.run_id == run_id)).one()
    return (claimed_at - ready_at).total_seconds()


def _add_runs(database: Database, count: int) -> Sequence[str]:
    with database.write() as session:
        experiment = add_experiment(session)
        return [lifecycle.create_run(session, experiment, seed, cause=CAUSE).id for seed in range(count)]


@contextmanager
def _scheduler(database: Database, celery: Celery, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=SchedulerLoop(database, celery, settings, stop).run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _report(waits: dict[str, float], count: int, out: Path | None) -> int:
    record: dict[str, Any] = {
        "command": f"python -m benchmarks.void_messages --messages {count}" + (f" --out {out}" if out else ""),
        "at": datetime.now(UTC).isoformat(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "void_messages": count,
        "limit_s": LIMIT_S,
        "wait_of_the_next_stage_s": {name: round(seconds, 3) for name, seconds in waits.items()},
    }
    print(json.dumps(record, indent=1))
    if out is not None:
        out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return int(max(waits.values()) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
