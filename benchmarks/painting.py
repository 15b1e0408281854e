"""How long a frame takes while somebody paints, before and after 500 strokes: `python -m benchmarks.painting`.

A query of 2048 x 1024 pixels and 19 classes, brush of 60 px, headless Chromium that draws by the CPU. A screen shows a
frame every 16.7 ms; a longer time between two frames is one that was missed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.support.browser import find_chromium, open_browser
from tests.support.installation import Installation
from tests.support.labelled_run import DOCUMENT, SEED, waiting_round

SIZE = {"world": "streets", "height_px": 1024, "width_px": 2048}
STROKES, MANY = 12, 500
STEPS = 8
"""Places between the ends of a stroke; one of the many has none."""
COUNT_FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const next = now => { window.frames_ms.push(now - last); last = now; requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""


def main() -> None:
    """Print the times between frames of strokes on a fresh query, and after 500 strokes on it."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium was found; install Debian's package chromium")
    stream = DOCUMENT["stream"] | {"budgets": [1], "source": DOCUMENT["stream"]["source"] | SIZE | {"train_images": 2}}
    document = DOCUMENT | {
        "dataset": DOCUMENT["dataset"] | SIZE | {"train_images": 4, "eval_images": 1},
        "stream": stream,
    }
    with open_browser(chromium) as browser, Installation(Path(tempfile.mkdtemp()) / "home") as installation:
        installation.start_server()
        installation.start("scheduler")
        installation.start("worker")
        stage = waiting_round(installation, installation.client.submit(document, seed=SEED).id, 0).stage_id
        context = browser.new_context(base_url=installation.client.base_url, viewport={"width": 1440, "height": 900})
        _measure(context.new_page(), stage)


def _measure(page: Page, stage: str) -> None:
    page.goto(f"/labelling/{stage}/paint")
    page.get_by_label("Your name").fill("painter")
    page.get_by_role("button", name="Begin").click()
    box: Any = page.get_by_role("img", name="labels of").bounding_box()
    page.get_by_label("size of the brush").fill("60")
    page.evaluate(COUNT_FRAMES)
    first = _paint(page, box, STROKES, STEPS)
    _paint(page, box, MANY, 1)
    last = _paint(page, box, STROKES, STEPS)
    for name, times in (("first strokes", first), (f"after {MANY} strokes", last)):
        print(f"{name:20} p50 {_share(times, 0.5):5.1f} ms   p95 {_share(times, 0.95):5.1f} ms   {len(times)} frames")
    print(f"ratio of the p95     {_share(last, 0.95) / _share(first, 0.95):5.2f}")


def _paint(page: Page, box: dict[str, float], strokes: int, steps: int) -> list[float]:
    """Draw strokes across the canvas; returns the times between frames meanwhile, in milliseconds."""
    page.evaluate("window.frames_ms.length = 0")
    for stroke in range(strokes):
        page.keyboard.press(str(1 + stroke % 9))
        y = box["y"] + box["height"] * (0.3 + 0.4 * (stroke % 17) / 17)
        page.mouse.move(box["x"] + 0.1 * box["width"], y)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.9 * box["width"], y + 20, steps=steps)
        page.mouse.up()
    return [float(time) for time in page.evaluate("window.frames_ms")]


def _share(times: list[float], share: float) -> float:
    return sorted(times)[int(share * (len(times) - 1))]


if __name__ == "__main__":
    main()
