"""A browser, and an installation with a finished run, for all tests of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from palimpsest.client import models
from server.pages import INDEX
from server.shipped import PAGES
from tests.support.browser import CHROMIUM_VARIABLE, Witness, find_chromium, open_browser
from tests.support.flow_run import SEED, shortened
from tests.support.installation import STAGE_S, Installation
from tests.support.pages import register_world
from tests.support.quiet_service import QuietService, serve_quietly
from tests.support.requirement import require

PATIENCE_MS = 30_000
CALL_REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let the fixture `page` know whether its test has failed."""
    report: pytest.TestReport = yield
    if report.when == "call":
        item.stash[CALL_REPORT] = report
    return report


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    chromium = find_chromium()
    require(None if chromium else f"no Chromium was found; install it, or name it with {CHROMIUM_VARIABLE}")
    require(None if (PAGES / INDEX).is_file() else "the pages are not built; run make pages")
    expect.set_options(timeout=PATIENCE_MS)
    with open_browser(str(chromium)) as browser:
        yield browser


@pytest.fixture(scope="package")
def installation(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that works; asks for the browser first, so that nothing is started in vain."""
    with Installation(tmp_path_factory.mktemp("pages") / "home") as installation:
        installation.start_server()
        installation.start("scheduler")
        installation.start("worker")
        yield installation


@pytest.fixture(scope="package")
def quiet(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[QuietService]:
    """A service with the built pages that starts in a second; asks for the browser first."""
    with serve_quietly(tmp_path_factory.mktemp("quiet")) as quiet:
        yield quiet


@pytest.fixture
def quiet_page(browser: Browser, quiet: QuietService, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """An empty page of that service in a fresh profile; a test that fails leaves its picture in its folder."""
    yield from _page(browser, quiet.service.address, request, tmp_path)


@pytest.fixture(scope="package")
def finished(installation: Installation) -> models.Run:
    """A run of two steps that has succeeded."""
    client = installation.client
    run = client.submit(shortened(steps=2), seed=SEED, name="finished run")
    ended = client.wait(run.id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    return ended


@pytest.fixture(scope="package")
def shown(installation: Installation, finished: models.Run) -> dict[str, str]:
    """What the addresses of pages are filled in with."""
    options = {"classes": 3, "size_px": 32, "train_images": 24, "eval_images": 6}
    dataset = register_world(installation.client.base_url, "Drawn objects", **options)
    return {"run": finished.id, "experiment": finished.experiment_id, "dataset": dataset}


@pytest.fixture
def page(
    browser: Browser, installation: Installation, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Page]:
    """An empty page in a fresh profile; a test that fails leaves its picture in its folder."""
    yield from _page(browser, installation.client.base_url, request, tmp_path)


def _page(browser: Browser, address: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    yield page
    report = request.node.stash.get(CALL_REPORT, None)
    if report is not None and report.failed:
        page.screenshot(path=tmp_path / "page.png", full_page=True)
    context.close()


@pytest.fixture
def witness(page: Page, installation: Installation) -> Witness:
    """Notes errors on the console and requests to other hosts."""
    return Witness(page.context, installation.client.base_url)
