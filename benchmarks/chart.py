"""Curves and live events in a headless Chromium: `make pages`, then `python -m benchmarks.chart`.

Opens the page of a running run with four curves of 20,000 points, which the page is given whole instead of thinned out.
Measures from the last answer with points to the frame that shows them, so with reading, merging and laying out; from
the arrival of a live point to the frame after it; and from the commit of an event to the change of the page's text,
while 50 more streams of the run are open (LIVE-4). Ends with status 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, Route, sync_playwright

from benchmarks.pages import CHROMIUM, Figure, machine
from benchmarks.service import serve
from server.db import lifecycle
from server.db.feed import append_event
from server.db.migrate import upgrade
from server.db.models import Experiment, SeriesSummary, Stage
from server.db.session import Database
from server.schemas.runs import RunCreate
from server.services.experiments import experiments
from server.services.experiments.check import check_run
from server.shipped import PAGES

CURVES = ("loss", "loss_kd", "loss_mask", "loss_total")
POINTS = 20_000
LOADS = 3
EVENTS = 40
STREAMS = 50
PATIENCE_MS = 60_000
CHART = '.line-chart[aria-label^="loss"] canvas'

# Notes when points have arrived and when the chart stands, when live points were drawn, and when text was changed.
_WITNESS = """
  const noted = (window.noted = { arrived: 0, drawn: 0, redraws: [], seen: {} });
  const afterFrame = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now())));
  const ask = window.fetch;
  window.fetch = async (request) => {
    const answer = await ask(request);
    if (!request.url.includes("/series/")) return answer;
    // Whole, for the way of the bytes through the test's own hands is not the page's.
    const text = await answer.text();
    noted.arrived = performance.now();
    return new Response(text, answer);
  };
  const Stream = window.EventSource;
  window.EventSource = class extends Stream {
    constructor(url) {
      super(url);
      this.addEventListener("metric", () => {
        const came = performance.now();
        afterFrame(() => afterFrame((now) => noted.redraws.push(now - came)));
      });
    }
  };
  new MutationObserver(() => {
    if (!noted.drawn && document.querySelector('CHART')) afterFrame((now) => (noted.drawn = now));
    const at = /train, (\\d+) of/.exec(document.querySelector('[aria-label="stages"]')?.textContent ?? "")?.[1];
    if (at) noted.seen[at] ??= Date.now();
  }).observe(document, { subtree: true, childList: true, characterData: true });
""".replace("CHART", CHART)


def main(arguments: list[str] | None = None) -> int:
    """Fill a database, measure, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=PAGES, help="folder of the built pages")
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/palimpsest.db")
        stage = _fill(database)
        with serve(Path(folder), options.pages) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            figures = list(_measure(browser, address, database, stage))
            browser.close()
        database.dispose()
    for figure in figures:
        line = f"{figure.name:<52} {figure.value:>8.1f} {figure.unit:<3} limit {figure.limit:>7.1f}"
        print(line + ("" if figure.is_met else "  missed"))
    measured = {**machine(), "figures": [vars(figure) for figure in figures]}
    print(json.dumps(measured))
    if options.out is not None:
        command = {"command": f"python -m benchmarks.chart --out {options.out}"}
        options.out.write_text(json.dumps(command | measured, indent=1) + "\n")
    return 0 if all(figure.is_met for figure in figures) else 1


def _fill(database: Database) -> Stage:
    """Store a run whose first stage is running, with the names of four curves; returns that stage."""
    upgrade(database.url)
    body = RunCreate(preset="eir/demo", seed=0)
    checked = check_run(body, data_roots=[], presence_cache=Path(os.devnull))
    with database.write() as session:
        experiment = session.get_one(Experiment, experiments.create(session, checked, body).id)
        run = lifecycle.create_run(session, experiment, 0, cause=lifecycle.Cause("user:benchmark"))
        stage = run.stages[0]
        last = {"last_value": 0.1, "last_stage_index": 0, "last_iteration": POINTS}
        best = {"best_value": 0.1, "best_stage_index": 0, "best_iteration": POINTS}
        summaries = [SeriesSummary(run_id=run.id, key=key, direction="min", count=1, **last, **best) for key in CURVES]
        session.add_all(summaries)
    with database.write() as session:
        claim = lifecycle.claim(session, stage.id, stage.dispatch_no, worker_id="benchmark", lease_ttl_s=3600)
        assert claim is not None
        lifecycle.mark_running(session, claim.lease)
    return stage


def _measure(browser: Browser, address: str, database: Database, stage: Stage) -> Iterator[Figure]:
    drawn = []
    for _ in range(LOADS):
        page = _open(browser, address, stage)
        drawn.append(page.evaluate("noted.drawn - noted.arrived"))
        if len(drawn) < LOADS:
            page.context.close()
    yield Figure(f"{len(CURVES)} x {POINTS:,} points: answer to drawn, median", statistics.median(drawn), 150, "ms")
    with _readers(address, stage.run_id):
        committed = [_say(page, database, stage, number) for number in range(1, EVENTS + 1)]
        page.wait_for_function(f"{EVENTS} in noted.seen && noted.redraws.length >= {EVENTS}")
    seen = page.evaluate("noted.seen")
    redraws: list[float] = page.evaluate("noted.redraws")
    yield Figure("a live point: arrival to the second frame, median", statistics.median(redraws), 150, "ms")
    delays = [seen[str(number)] - moment for number, moment in enumerate(committed, start=1) if str(number) in seen]
    yield Figure(f"commit to page, {STREAMS} more streams, p95", _p95(delays), 1000, "ms")


def _open(browser: Browser, address: str, stage: Stage) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True).new_page()
    page.add_init_script(_WITNESS)
    page.route("**/series/*", _give_points)
    page.goto(f"{address}/runs/{stage.run_id}")
    page.wait_for_function("noted.drawn > 0", timeout=PATIENCE_MS)
    return page


def _give_points(route: Route) -> None:
    """Answer with every point of a curve: the page asks for fewer."""
    key = route.request.url.rsplit("/", 1)[-1].split("?")[0]
    shift = CURVES.index(key)
    points = [
        {"stage_index": 0, "iteration": n, "attempt": 1, "value": shift + (n * 7919 % 1000) / 1000}
        for n in range(POINTS)
    ]
    answer: dict[str, Any] = {"key": key, "count": POINTS, "downsampled": False, "points": points}
    route.fulfill(json=answer)


def _say(page: Page, database: Database, stage: Stage, number: int) -> float:
    """Commit a progress and a point; returns the moment of the commit in milliseconds."""
    place = {"stage_id": stage.id, "index": stage.index}
    point = {"key": CURVES[0], "iteration": POINTS + number, "value": 0.5}
    speed = {"images_per_second": 10.0, "seconds_left": 60.0}
    with database.write() as session:
        progress = {**place, "phase": "train", "iteration": number, "total": 10 * POINTS, **speed}
        append_event(session, stage.run_id, "progress", progress)
        append_event(session, stage.run_id, "metric", {**place, "attempt": 1, "points": [point]})
    committed = time.time() * 1000
    page.wait_for_timeout(260)
    return committed


@contextmanager
def _readers(address: str, run_id: str) -> Iterator[None]:
    """Keep streams of the run open in another thread for as long as the context is."""
    loop, ready = asyncio.new_event_loop(), threading.Semaphore(0)
    task = loop.create_task(_read_all(address, run_id, ready))

    def read() -> None:
        # To the end of the cancelling: a stream that stays open keeps the service from ending.
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    for _ in range(STREAMS):
        ready.acquire()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


async def _read_all(address: str, run_id: str, ready: threading.Semaphore) -> None:
    limits = httpx.Limits(max_connections=STREAMS)
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=60, limits=limits) as client:
        await asyncio.gather(*(_read(client, run_id, ready) for _ in range(STREAMS)))


async def _read(client: httpx.AsyncClient, run_id: str, ready: threading.Semaphore) -> None:
    headers = {"Accept": "text/event-stream"}
    async with client.stream("GET", f"/api/v1/runs/{run_id}/events", headers=headers) as response:
        ready.release()
        async for _ in response.aiter_lines():
            pass


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
