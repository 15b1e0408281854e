"""Headless Chromium: where it is, how it is started, and what the pages do in it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM_VARIABLE = "PALIMPSEST_TEST_CHROMIUM"
"""Names the program where it is not found by its usual names."""

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

READING_STEP_PX = 8
CELLS = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"


def find_chromium() -> str | None:
    """Return the path of the program, None where there is none."""
    named = os.environ.get(CHROMIUM_VARIABLE)
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)


@contextmanager
def open_browser(chromium: str) -> Iterator[Browser]:
    """Run Chromium for as long as the context is open.

    Meanwhile this thread has an event loop that runs: nothing else in it can use `asyncio.run`.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Witness:
    """Notes what must not happen in a browser's pages.

    Attributes:
        errors: what pages wrote to the console as an error, and exceptions that nobody caught.
        strangers: addresses of other hosts than `address` that were asked for.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self._host = urlsplit(address).netloc
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("request", lambda request: self._on_request(request.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _on_request(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in {"data", "blob"} and address.netloc != self._host:
            self.strangers.append(url)


def read_chart(page: Page, label: str | re.Pattern[str]) -> dict[str, dict[int, str]]:
    """Read a chart as a person does: move along it, and note the values that its legend shows.

    Args:
        page: where the chart is.
        label: its accessible name.

    Returns:
        Curve -> place on the horizontal axis -> value; "–" where a curve has none.
    """
    chart = page.get_by_role("img", name=label)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    read: dict[str, dict[int, str]] = {}
    for x in range(0, int(box["width"]), READING_STEP_PX):
        page.mouse.move(box["x"] + x, box["y"] + box["height"] / 3)
        (_, place), *values = chart.locator("tr").evaluate_all(CELLS)
        for curve, value in values if place.isdigit() else ():
            read.setdefault(curve, {})[int(place)] = value
    page.mouse.move(0, 0)
    return read
