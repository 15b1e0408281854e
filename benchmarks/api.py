"""Latency of the API over loopback, with durable settings: `python -m benchmarks.api` (PERF-8 to PERF-14).

The service runs in a process of its own, on a SQLite database with 1,000 runs and a curve of 10,000 points; the figures
include the client. Ends with status 1 when a limit is missed.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import insert

from benchmarks.service import serve
from server.db import lifecycle
from server.db.feed import append_event
from server.db.migrate import upgrade
from server.db.models import Experiment, SeriesPoint, SeriesSummary
from server.db.session import Database
from server.schemas.runs import RunCreate
from server.services.experiments import experiments
from server.services.experiments.check import check_run

RUNS = 1000
POINTS = 10_000
STREAMS = 50
STREAMED_EVENTS = 40
REPEATS = 60
WARM_UP = 10


@dataclass(frozen=True)
class Figure:
    """One measured line: milliseconds, and the limit that the specification sets for `statistic`.

    `least` is what the machine can do: on a busy one, the others also measure its other work.
    """

    name: str
    least: float
    p50: float
    p95: float
    limit: float
    statistic: str = "p50"

    @property
    def is_met(self) -> bool:
        """Whether the limit holds."""
        return (self.p50 if self.statistic == "p50" else self.p95) <= self.limit


def main() -> int:
    """Fill a database, measure, print the table; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/palimpsest.db")
        upgrade(database.url)
        run_id = _fill(database)
        with serve(Path(folder)) as address:
            figures = [*_requests(address, run_id), asyncio.run(_streams(address, database, run_id))]
        database.dispose()
    print_figures(figures)
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps({**machine, "at": datetime.now(UTC).isoformat(), "figures": [vars(figure) for figure in figures]}))
    return 0 if all(figure.is_met for figure in figures) else 1


def print_figures(figures: Sequence[Figure]) -> None:
    """Print a line for each figure."""
    print(f"{'work':<40} {'least ms':>8} {'p50 ms':>8} {'p95 ms':>8} {'limit':>12}")
    for figure in figures:
        limit = f"{figure.statistic} {figure.limit:.0f}"
        times = f"{figure.least:>8.1f} {figure.p50:>8.1f} {figure.p95:>8.1f}"
        print(f"{figure.name:<40} {times} {limit:>12} {'' if figure.is_met else 'missed'}")


def _fill(database: Database) -> str:
    """Store an experiment with 1,000 runs, the first of which has a long curve; returns that run's id."""
    body = RunCreate(preset="eir/demo", seed=0, tags=["benchmark=yes"])
    checked = check_run(body, data_roots=[], presence_cache=Path(os.devnull))
    cause = lifecycle.Cause("user:benchmark")
    with database.write() as session:
        experiment_id = experiments.create(session, checked, body).id
    first = ""
    for start in range(0, RUNS, 100):
        with database.write() as session:
            experiment = session.get_one(Experiment, experiment_id)
            made = [lifecycle.create_run(session, experiment, start + seed, cause=cause).id for seed in range(100)]
        first = first or made[0]
    with database.write() as session:
        columns = {"run_id": first, "key": "loss", "attempt_number": 1, "special": None, "is_hidden": False}
        points = [
            {**columns, "stage_index": n // 4000, "iteration": n % 4000, "value": 1 / (1 + n), "at": datetime.now(UTC)}
            for n in range(POINTS)
        ]
        session.execute(insert(SeriesPoint), points)
        last = {"last_value": 1 / POINTS, "last_stage_index": 2, "last_iteration": 1999}
        best = {"best_value": 1 / POINTS, "best_stage_index": 2, "best_iteration": 1999}
        session.add(SeriesSummary(run_id=first, key="loss", direction="min", count=POINTS, **last, **best))
    return first


def _requests(address: str, run_id: str) -> Iterator[Figure]:
    with httpx.Client(base_url=f"{address}/api/v1", trust_env=False) as client:
        yield timed("list 50 of 1,000 runs (PERF-8)", 15, lambda: client.get("/runs"))
        narrowed = {"tag": "benchmark=yes", "sort": "score", "count": "exact"}
        yield timed("the same by tag, sorted by score (PERF-9)", 20, lambda: client.get("/runs", params=narrowed))
        yield timed("the same, sorted by name", 20, lambda: client.get("/runs", params={"sort": "name"}))
        history = f"/runs/{run_id}/series/loss"
        yield timed(
            "history of 10,000 points, all (PERF-12)", 80, lambda: client.get(history, params={"max_points": 0})
        )
        yield timed("the same, sampled to 1,000 (PERF-13)", 25, lambda: client.get(history))
        yield timed("get one run (PERF-14)", 5, lambda: client.get(f"/runs/{run_id}"))


def timed(name: str, limit: float, request: Callable[[], httpx.Response]) -> Figure:
    """Measure a request again and again; raises for one that fails."""
    for _ in range(WARM_UP):
        request().raise_for_status()
    medians, all_of_them = [], []
    for _ in range(3):
        times = [_milliseconds(request) for _ in range(REPEATS)]
        medians.append(statistics.median(times))
        all_of_them += times
    p95 = statistics.quantiles(all_of_them, n=20)[-1]
    return Figure(name, min(all_of_them), statistics.median(medians), p95, limit)


def _milliseconds(request: Callable[[], httpx.Response]) -> float:
    started = time.perf_counter()
    request().raise_for_status()
    return (time.perf_counter() - started) * 1000


async def _streams(address: str, database: Database, run_id: str) -> Figure:
    """Measure from the commit of an event to its arrival at each of 50 streams.

    The readers are plain HTTP clients; `benchmarks.chart` measures up to the change of the page in a browser.
    """
    committed: dict[int, float] = {}
    delays: list[float] = []
    ready = asyncio.Semaphore(0)
    limits = httpx.Limits(max_connections=STREAMS)
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", trust_env=False, timeout=60, limits=limits) as client:
        readers = [asyncio.create_task(_read(client, run_id, ready, committed, delays)) for _ in range(STREAMS)]
        for _ in readers:
            await ready.acquire()
        for _ in range(STREAMED_EVENTS):
            seq = await asyncio.to_thread(_append, database, run_id)
            committed[seq] = time.perf_counter()
            await asyncio.sleep(0.11)
        await asyncio.gather(*readers)
    return Figure(
        "event commit to 50 streams (PERF-15)",
        min(delays),
        statistics.median(delays),
        statistics.quantiles(delays, n=20)[-1],
        1000,
        "p95",
    )


async def _read(
    client: httpx.AsyncClient, run_id: str, ready: asyncio.Semaphore, committed: dict[int, float], delays: list[float]
) -> None:
    received = 0
    headers = {"Accept": "text/event-stream"}
    async with client.stream("GET", f"/runs/{run_id}/events", headers=headers) as response:
        seq, is_live = 0, False
        async for line in response.aiter_lines():
            if line.startswith("id: "):
                seq = int(line[4:])
            elif line.startswith("data: ") and not is_live:
                is_live = True
                ready.release()
            elif line.startswith("data: "):
                delays.append((time.perf_counter() - committed.get(seq, time.perf_counter())) * 1000)
                received += 1
                if received == STREAMED_EVENTS:
                    return


def _append(database: Database, run_id: str) -> int:
    with database.write() as session:
        return append_event(session, run_id, "progress", {"iteration": 1})


if __name__ == "__main__":
    sys.exit(main())
