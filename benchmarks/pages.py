"""The pages in a headless Chromium: `make pages`, then `python -m benchmarks.pages`.

Measures on a database with 10,000 runs how much the first page loads, when it can be used, and how long its frames take
while the list is scrolled from one end to the other. Ends with status 1 when a limit is missed; on a busy machine the
figures measure its other work too, so its load stands beside them. Ends within three minutes: a pass over the list that
takes longer than its time is broken off, and the number of its frames tells how far it came.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.service import serve
from server.db.base import new_id
from server.db.migrate import upgrade
from server.db.models import Experiment, Run, Stage, Tag
from server.db.session import Database
from server.db.states import RunState, StageState
from server.shipped import PAGES

RUNS = 10_000
RUNS_OF_AN_EXPERIMENT = 50
STAGES = 3
SCROLL_PX = 400
"""A quick turn of the wheel a frame: the whole list in about 1,300 frames."""
PASS_S = 45
"""Time for one pass over the list."""
CHROMIUM = "/usr/bin/chromium"

# Scrolls by a step a frame, as far as rows are there, and notes the time between frames.
_SCROLL = """async ([step, seconds]) => {
  const box = document.querySelector(".run-table");
  const gaps = [];
  const started = performance.now();
  let last = started;
  while (box.scrollTop + box.clientHeight < box.scrollHeight - 1 && last < started + 1000 * seconds) {
    box.scrollTop += step;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  return gaps;
}"""


@dataclass(frozen=True)
class Figure:
    """One measured line and its limit."""

    name: str
    value: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the limit holds."""
        return self.value <= self.limit


def main(arguments: list[str] | None = None) -> int:
    """Fill a database, measure, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=Path, default=PAGES, help="folder of the built pages")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        fill(f"sqlite:///{folder}/palimpsest.db", options.runs)
        with serve(Path(folder), options.pages) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            figures = [*_first_load(browser, address), *_scrolling(browser, address, options.runs)]
            browser.close()
    for figure in figures:
        print(f"{figure.name:<46} {figure.value:>9.1f} {figure.unit:<6} limit {figure.limit:>7.1f}", end="")
        print("" if figure.is_met else "  missed")
    measured = {**machine(), "runs": options.runs, "figures": [vars(figure) for figure in figures]}
    print(json.dumps(measured))
    if options.out is not None:
        command = {"command": f"python -m benchmarks.pages --out {options.out}"}
        options.out.write_text(json.dumps(command | measured, indent=1) + "\n")
    return 0 if all(figure.is_met for figure in figures) else 1


def machine() -> dict[str, Any]:
    """Return when and on what was measured, and how busy it was: processes that wanted a core in the last minute."""
    return {"at": datetime.now(UTC).isoformat(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}


def fill(url: str, runs: int) -> None:
    """Make a database with so many runs: of several experiments, in every state, with scores and tags."""
    upgrade(url)
    database = Database(url, sqlite_synchronous="NORMAL")
    dice = random.Random(0)
    for start in range(0, runs, RUNS_OF_AN_EXPERIMENT):
        with database.write() as session:
            _add_experiment(session, start // RUNS_OF_AN_EXPERIMENT, min(RUNS_OF_AN_EXPERIMENT, runs - start), dice)
    database.dispose()


def _add_experiment(session: Session, number: int, runs: int, dice: random.Random) -> None:
    plan = [{"index": index, "name": f"step-{index}", "kind": "train", "inputs": {}} for index in range(STAGES)]
    experiment = Experiment(
        name=f"ablation {number}: memory of {50 * (number % 7 + 1)} instances",
        method=dice.choice(["eir", "finetune"]),
        dataset=dice.choice(["objects", "camvid", "voc"]),
        stream=dice.choice(["6 classes, 2-2-2", "20 classes, 15-1 in 6 steps"]),
        preset="eir/demo",
        document={},
        resolved={},
        digest=f"{number:064x}",
        deviations=[],
        plan=plan,
        tags=[Tag(key="owner", value=dice.choice(["ada", "grace"])), Tag(key="baseline")],
    )
    session.add(experiment)
    session.flush()
    ids = [new_id() for _ in range(runs)]
    rows = [_run_row(run_id, experiment.id, seed, number, dice) for seed, run_id in enumerate(ids)]
    session.execute(insert(Run), rows)
    session.execute(insert(Stage), [stage for row in rows for stage in _stage_rows(row, plan)])


def _run_row(run_id: str, experiment_id: str, seed: int, number: int, dice: random.Random) -> dict[str, Any]:
    state = dice.choices(["succeeded", "failed", "cancelled", "queued"], [80, 10, 5, 5])[0]
    created_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=RUNS_OF_AN_EXPERIMENT * number + seed)
    is_tested = state != RunState.QUEUED
    score = dice.uniform(0.3, 0.8)
    return {
        "id": run_id,
        "experiment_id": experiment_id,
        "seed": seed,
        "state": state,
        "reason": "data_error" if state == RunState.FAILED else None,
        "message": None,
        "last_score": score if is_tested else None,
        "best_score": score + 0.1 if is_tested else None,
        "created_at": created_at,
        "changed_at": created_at,
        "started_at": created_at,
        "finished_at": created_at + timedelta(minutes=dice.randrange(5, 90)) if is_tested else None,
    }


def _stage_rows(run: dict[str, Any], plan: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    done = STAGES if run["state"] == RunState.SUCCEEDED else 1
    for spec in plan:
        state = StageState.SUCCEEDED if spec["index"] < done else StageState.PENDING
        yield {
            "id": new_id(),
            "run_id": run["id"],
            "spec": spec,
            "index": spec["index"],
            "name": spec["name"],
            "kind": spec["kind"],
            "state": state.value,
            "total_iterations": 400,
        }


def _first_load(browser: Browser, address: str) -> Iterator[Figure]:
    """Open the list with an empty cache, and type into its search as soon as there are rows."""
    page = browser.new_context().new_page()
    sizes: list[int] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    started = time.perf_counter()
    page.goto(f"{address}/runs")
    page.wait_for_selector("tr[data-run]")
    page.get_by_label("Search").fill("a")
    seconds = time.perf_counter() - started
    page.wait_for_load_state("networkidle")
    yield Figure("first load, compressed", round(sum(sizes) / 1000, 1), 500, "kB")
    yield Figure("until rows are there and the search is open", round(seconds, 2), 2, "s")
    page.context.close()


def _scrolling(browser: Browser, address: str, runs: int) -> Iterator[Figure]:
    """Scroll through every run, first while pages are fetched and then over rows that are all there."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{address}/runs")
    page.wait_for_selector("tr[data-run]")
    gaps: list[float] = []
    deadline = time.monotonic() + PASS_S
    while not _is_all_there(page, runs) and time.monotonic() < deadline:
        gaps += page.evaluate(_SCROLL, [SCROLL_PX, deadline - time.monotonic()])
        page.wait_for_timeout(20)
    yield from _frames(f"{runs:,} rows, pages being fetched", gaps)
    page.evaluate("document.querySelector('.run-table').scrollTop = 0")
    page.wait_for_timeout(500)
    yield from _frames(f"{runs:,} rows, already there", page.evaluate(_SCROLL, [SCROLL_PX, PASS_S]))


def _is_all_there(page: Page, runs: int) -> bool:
    last = page.evaluate("Math.max(...[...document.querySelectorAll('tr[data-run]')].map((row) => row.ariaRowIndex))")
    return int(last) > runs


def _frames(name: str, gaps: list[float]) -> Iterator[Figure]:
    print(f"{name}: {len(gaps)} frames")
    yield Figure(f"{name}: median frame", round(statistics.median(gaps), 1), 50, "ms")
    yield Figure(f"{name}: longest frame", round(max(gaps), 1), 50, "ms")
    yield Figure(f"{name}: frames over 50 ms", sum(gap > 50 for gap in gaps), 0, "frames")


if __name__ == "__main__":
    sys.exit(main())
