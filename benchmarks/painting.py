"""How long a frame takes while somebody paints, and to open and send a query: `python -m benchmarks.painting`.

Headless Chromium draws by the CPU, without waiting for a screen: the time between two frames is what a frame costs,
from the pointer's event to the composed page. These events are dispatched within the page, one a frame, and go through
the page's own handlers. Writes `benchmarks/results/painting.json`; ends with status 1 when a limit is missed.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

from server.shipped import PAGES
from tests.support.browser import ARGUMENTS, find_chromium
from tests.support.installation import Installation
from tests.support.painting_round import RoundSize, waiting_stage

RESULTS = Path(__file__).parent / "results" / "painting.json"
UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
STREET, MANY_REGIONS, HUGE = RoundSize(2048, 1024, queries=3), RoundSize(2048, 1024, regions=50), RoundSize(8192, 8192)
STROKES, MANY = 12, 500
STEPS = 20
"""Places on the way of a stroke whose frames are measured; each of the many has two."""

PAINT = """async ({strokes, steps, height}) => {
  const canvas = document.querySelector(".paint-canvas");
  canvas.setPointerCapture = () => undefined;  // there is no such pointer
  const box = canvas.getBoundingClientRect();
  const send = (type, x, y, buttons) => canvas.dispatchEvent(new PointerEvent(type, {
    bubbles: true, cancelable: true, pointerId: 1, pointerType: "mouse", button: 0, buttons, clientX: x, clientY: y,
  }));
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const times = [];
  for (let stroke = 0; stroke < strokes; stroke++) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key: String(1 + stroke % 9), bubbles: true}));
    const [left, width] = [box.x + 0.1 * box.width, 0.8 * box.width];
    const y = box.y + box.height * (0.3 + height * ((stroke * 7) % 17) / 17);
    let last = await frame();
    send("pointerdown", left, y, 1);
    for (let step = 1; step <= steps; step++) {
      send("pointermove", left + width * step / steps, y + 20 * step / steps, 1);
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    send("pointerup", left + width, y + 20, 0);
    const now = await frame();
    times.push(now - last);
  }
  return times;
}"""


SEND = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const button = text => [...document.querySelectorAll("button")].find(one => one.innerText.includes(text));
  const begun = performance.now();
  button("Send answer").click();
  let isMeant = false;
  while (!document.body.innerText.includes("labelled, version")) {
    await frame();
    const meant = isMeant ? undefined : button("Send it as it is");
    if (meant !== undefined) {
      isMeant = true;
      meant.click();
    }
  }
  return performance.now() - begun;
}"""
"""Sends the answer, whatever the page remarks; milliseconds until the page says that it is stored."""


@dataclass(frozen=True)
class Figure:
    """One measured number, and the most that it may be."""

    name: str
    value: float
    limit: float
    unit: str = "ms"

    @property
    def is_met(self) -> bool:
        """Whether it is within its limit."""
        return self.value <= self.limit


def main() -> None:
    """Measure all, print it, and keep it."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium was found; install Debian's package chromium")
    figures = [chunk_size()]
    report(figures)
    with sync_playwright() as playwright, Installation(Path(tempfile.mkdtemp()) / "home") as installation:
        installation.start_server()
        browser = playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *UNLIMITED])
        for name, size in (("2048 x 1024", STREET), ("50 regions", MANY_REGIONS), ("8192 x 8192", HUGE)):
            stage = waiting_stage(installation.database, installation.storage, Path(tempfile.mkdtemp()), size)
            found = measured(_page(browser, installation), stage, name, size)
            report(found)
            figures += found
        browser.close()
    # A frame of a busy machine also waits for its other work: how busy it was stands beside the figures.
    machine = {"machine": platform.machine(), "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    kept = {"command": "python -m benchmarks.painting"} | machine | {"figures": [asdict(figure) for figure in figures]}
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    raise SystemExit(any(not figure.is_met for figure in figures))


def report(figures: list[Figure]) -> None:
    """Print what was measured."""
    for figure in figures:
        verdict = "" if figure.is_met else "   MISSED"
        print(f"{figure.name:48} {figure.value:8.2f} {figure.unit:5} of {figure.limit:g}{verdict}", flush=True)


def chunk_size() -> Figure:
    """Return what is loaded for painting alone: the page's script and style, compressed."""
    files = [path for path in (PAGES / "assets").iterdir() if path.name.startswith("paint-page")]
    return Figure(
        "annotator's chunk, gzip", sum(len(gzip.compress(file.read_bytes())) for file in files) / 1000, 250, "kB"
    )


def measured(page: Page, stage: str, name: str, size: RoundSize) -> list[Figure]:
    """Open a query of a round, paint it, and send its answer."""
    limit = 33.0 if size is HUGE else 16.0
    page.goto(f"/labelling/{stage}/paint")
    page.get_by_label("Your name").fill("painter")
    begun = time.perf_counter()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_function(OPENED, polling="raf")
    figures = [Figure(f"{name}: open", 1000 * (time.perf_counter() - begun), 1000 if size is not HUGE else 10_000)]
    page.get_by_label("size of the brush", exact=True).fill("60")
    page.evaluate(PAINT, {"strokes": 4, "steps": 5, "height": 0.4})
    first, cpu = painted(page)
    figures.append(Figure(f"{name}: CPU a frame, mean", cpu, limit))
    figures.append(Figure(f"{name}: frame p95", share(first, 0.95), limit))
    if size is STREET:
        page.evaluate(PAINT, {"strokes": MANY, "steps": 2, "height": 0.4})
        last, cpu_after = painted(page)
        ratio = share(last, 0.95) / share(first, 0.95)
        figures += [Figure(f"{name}: frame p95 after {MANY} strokes", share(last, 0.95), limit)]
        figures += [Figure(f"{name}: its ratio to the first", ratio, 1.2, "")]
        figures += [Figure(f"{name}: the same of CPU a frame", cpu_after / cpu, 1.2, "")]
        figures.append(sent(page))
    return figures


OPENED = "() => { const c = document.querySelector('.paint-canvas'); return c !== null && c.width > 300; }"


def sent(page: Page) -> Figure:
    """Send the answer, with everything saved before."""
    expect(page.get_by_role("status", name="saved state")).to_contain_text(
        re.compile(r"^saved \d+ s ago$"), timeout=60_000
    )
    return Figure("2048 x 1024: send", page.evaluate(SEND), 500)


def painted(page: Page) -> tuple[list[float], float]:
    """Paint strokes; returns the time of each frame, and the mean processor time of one, in milliseconds."""
    before = browser_cpu_s()
    times = page.evaluate(PAINT, {"strokes": STROKES, "steps": STEPS, "height": 0.4})
    return times, 1000 * (browser_cpu_s() - before) / len(times)


def browser_cpu_s() -> float:
    """Return the processor time that all processes of the browser have taken: what a busy machine does not lengthen."""
    processes = psutil.Process().children(recursive=True)
    times = [process.cpu_times() for process in processes if "chrom" in process.name()]
    return float(sum(one.user + one.system for one in times))


def share(times: list[float], part: float) -> float:
    """Return the time that such a part of the frames keeps."""
    return sorted(times)[int(part * (len(times) - 1))]


def _page(browser: Browser, installation: Installation) -> Any:
    context = browser.new_context(base_url=installation.client.base_url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(120_000)
    return context.new_page()


if __name__ == "__main__":
    main()
