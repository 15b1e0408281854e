"""From a queued stage to its first iteration, with a warm worker: `python -m benchmarks.latency`.

A worker process serves the embedded broker, or the Redis of `--broker-url`. Each run is committed as `queued` and
published, claimed, its folder made, its process started; the process reports, imports torch, builds the model and does
an iteration. Python's own import profile of that process says what the import of torch took.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.experiment import plan, resolve
from core.stage.events import Metric, Started, read_events
from core.stage.folder import EVENTS_FILE, LOG_FILE
from server.db import lifecycle
from server.db.migrate import upgrade
from server.db.models import Attempt, Experiment, Run, Stage, Worker
from server.db.session import Database
from server.db.states import TERMINAL_RUN_STATES
from server.queue import dispatch_after_commit, make_celery
from server.settings import EMBEDDED_BROKER, Settings

LIMITS_S = {"embedded": 2.0, "redis": 1.0}
PATIENCE_S = 120.0
CAUSE = lifecycle.Cause("user:benchmark")
IMPORTED = ("torch", "torchvision")
DOCUMENT: dict[str, Any] = {
    "method": "eir",
    "dataset": {"world": "objects", "classes": 2, "size_px": 32, "train_images": 32, "eval_images": 4},
    "stream": {"steps": [[1]]},
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 32},
        "optim": {"batch_size": 8, "iterations": 2, "warmup_iterations": 0},
        "execution": {"log_every": 1, "threads": 1},
    },
}


@dataclass(frozen=True)
class Way:
    """Seconds of one stage's way."""

    queued_to_claimed: float
    claimed_to_started: float
    started_to_iteration: float
    import_of_torch: float

    @property
    def to_iteration(self) -> float:
        """From the commit as `queued` to the end of the first iteration, without the import of torch."""
        return self.queued_to_claimed + self.claimed_to_started + self.started_to_iteration - self.import_of_torch


def main() -> int:
    """Measure, print a table and a line of JSON; returns 1 when the limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broker-url", default=EMBEDDED_BROKER, help="embedded:// or redis://HOST:PORT/N")
    parser.add_argument("--runs", type=int, default=7, help="measured runs, after one that warms up")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            home=Path(home), broker_url=arguments.broker_url, queue_prefix=f"palimpsest-latency-{uuid.uuid4().hex}-"
        )
        upgrade(settings.database_url)
        database = Database(settings.database_url)
        dispatch_after_commit(database, make_celery(settings))
        with running_worker(settings, database):
            ways = [_measure(settings, database, seed) for seed in range(arguments.runs + 1)][1:]
        database.dispose()
    return _report("embedded" if arguments.broker_url == EMBEDDED_BROKER else "redis", ways)


def _report(broker: str, ways: Sequence[Way]) -> int:
    columns = {
        "queued -> claimed": [way.queued_to_claimed for way in ways],
        "claimed -> first event of the process": [way.claimed_to_started for way in ways],
        "first event -> first iteration": [way.started_to_iteration for way in ways],
        "import of torch": [way.import_of_torch for way in ways],
        "queued -> first iteration, without the import": [way.to_iteration for way in ways],
    }
    print(f"{broker} broker, {len(ways)} runs{'':<27}{'p50 s':>8} {'max s':>8}")
    for name, seconds in columns.items():
        print(f"{name:<48}{statistics.median(seconds):>8.2f} {max(seconds):>8.2f}")
    median, limit = statistics.median(way.to_iteration for way in ways), LIMITS_S[broker]
    print(f"limit {limit:.1f} s: {'reached' if median <= limit else 'missed'}")
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    record = {"broker": broker, "limit_s": limit, "to_iteration_p50_s": median, "ways": [asdict(way) for way in ways]}
    print(json.dumps({**machine, "at": datetime.now(UTC).isoformat(), **record}))
    return int(median > limit)


@contextmanager
def running_worker(settings: Settings, database: Database) -> Iterator[None]:
    """Serve the queue from a process of its own for as long as the context is open."""
    names = ("home", "broker_url", "queue_prefix")
    environment = {f"PALIMPSEST_{name.upper()}": str(getattr(settings, name)) for name in names}
    environment |= {"PYTHONPROFILEIMPORTTIME": "1", "PALIMPSEST_KEEP_FOLDERS": "1"}
    with (settings.home / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "worker"], env={**os.environ, **environment}, stdout=log, stderr=log
        )
    try:
        wait_until(lambda session: session.scalars(select(Worker.id)).first() is not None, database)
        yield
    finally:
        worker.terminate()
        worker.wait()


def add_experiment(session: Session) -> Experiment:
    """Store the experiment of `DOCUMENT`."""
    resolved = resolve(DOCUMENT)
    experiment = Experiment(
        name="latency",
        method=resolved.method,
        document=DOCUMENT,
        resolved=resolved.canonical(),
        digest=resolved.digest(),
        deviations=[],
        plan=[stage.model_dump(mode="json") for stage in plan(resolved)],
    )
    session.add(experiment)
    return experiment


def _measure(settings: Settings, database: Database, seed: int) -> Way:
    """Send one run through the worker."""
    with database.write() as session:
        run_id = lifecycle.create_run(session, add_experiment(session), seed, cause=CAUSE).id
    wait_until(lambda session: session.get_one(Run, run_id).state in TERMINAL_RUN_STATES, database)
    with database.read() as session:
        run = session.get_one(Run, run_id)
        assert run.state == "succeeded", run.message
        stage = session.scalars(select(Stage).where(Stage.run_id == run_id)).one()
        claimed_at = session.scalars(select(Attempt.started_at).where(Attempt.stage_id == stage.id)).one()
    [path] = (settings.runs_folder / run_id).glob(f"*/attempt-1/{EVENTS_FILE}")
    events = [event for event, _ in read_events(path)]
    started_at = next(event.time for event in events if isinstance(event, Started))
    iteration_at = next(event.time for event in events if isinstance(event, Metric) and event.iteration == 1)
    assert stage.queued_at is not None
    return Way(
        queued_to_claimed=(claimed_at - stage.queued_at).total_seconds(),
        claimed_to_started=(started_at - claimed_at).total_seconds(),
        started_to_iteration=(iteration_at - started_at).total_seconds(),
        import_of_torch=_seconds_to_import(path.with_name(LOG_FILE)),
    )


def _seconds_to_import(log: Path) -> float:
    """Sum up an import profile: `import time: <own microseconds> | <with all below> | <name, indented by depth>`.

    Torch imports parts of itself when they are first used (its compiler, with the first optimiser); they count too. A
    module is printed after those that it imports, so from the end backwards the outermost comes first.
    """
    rows = [line.split("|") for line in log.read_text().splitlines() if line.startswith("import time:")]
    total, inside = 0, sys.maxsize
    for _, cumulative, name in reversed([row for row in rows if row[1].strip().isdecimal()]):
        depth = len(name) - len(name.lstrip())
        if depth > inside:
            continue
        inside = sys.maxsize
        if name.strip().partition(".")[0] in IMPORTED:
            total += int(cumulative)
            inside = depth
    return total / 1e6


def wait_until(condition: Any, database: Database) -> None:
    """Wait until a condition on a session holds; raises TimeoutError."""
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while True:
        with database.read() as session:
            if condition(session):
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker was not done within {PATIENCE_S:g} s")
        pause.wait(0.05)


if __name__ == "__main__":
    sys.exit(main())
