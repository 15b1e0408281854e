"""The pages below a path of another server, behind nginx as the guide sets it up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from palimpsest import Client
from server.auth.roles import Role
from server.db import lifecycle
from server.shipped import PAGES
from server.storage import LocalStorage
from tests.support.accounts import NAMES, PASSWORD, AccountService, make_token, serve_accounts
from tests.support.browser import Witness
from tests.support.database import make_template, open_copy
from tests.support.installation import free_port
from tests.support.label_rounds import make_waiting_round
from tests.support.nginx import nginx
from tests.support.rows import USER, make_run

pytestmark = pytest.mark.slow

RITA = NAMES[Role.RESEARCHER]


@pytest.fixture(params=[False, True], ids=["path kept", "path taken away"])
def below(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[tuple[AccountService, str]]:
    """A service with accounts, and the address that nginx gives it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/palimpsest"
    database = open_copy(make_template(tmp_path), tmp_path / "palimpsest.db")
    with (
        serve_accounts(database, tmp_path, PAGES, public_url=address) as running,
        nginx(tmp_path, port, running.service.address, takes_path_away=request.param),
    ):
        yield running, address
    database.dispose()


def test_pages_pictures_streams_and_changes_work_below_a_path(
    below: tuple[AccountService, str], browser: Browser, tmp_path: Path
) -> None:
    accounts, address = below
    storage = LocalStorage(accounts.service.app.state.settings.storage_folder)
    stage = make_waiting_round(accounts.database, storage, tmp_path / "asked", ("ulm_1", "bonn_2"))
    context = browser.new_context()
    page = context.new_page()
    witness = Witness(context, address)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))

    # A page is asked for, somebody signs in, and it is there: with its scripts and its cookie below the path.
    page.goto(f"{address}/labelling/{stage.id}")
    page.get_by_label("Name").fill(RITA)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Next query").click()
    picture = page.get_by_role("region", name="query").locator("img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    page.get_by_role("button", name="Accept the teacher's proposal").click()
    page.get_by_text("answered (1)").click()
    expect(page.get_by_text(f"by {RITA}, version 1")).to_be_visible()
    assert [cookie["path"] for cookie in context.cookies()] == ["/palimpsest/"]

    # The feed of a run comes through: a change shows without the page asking again.
    queued = make_run(accounts.database)
    page.goto(f"{address}/runs/{queued.id}")
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    with accounts.database.write() as session:
        lifecycle.request_cancel(session, queued.id, cause=USER)
    expect(page.get_by_text("cancelled").first).to_be_visible()
    assert any("/events?after=" in url for url in asked)

    # The pages that the service writes itself link below the path, and so do scripts' ways.
    page.goto(f"{address}/docs")
    page.get_by_role("link", name="API", exact=True).first.click()
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    assert {url.startswith(f"{address}/") for url in asked} == {True}
    assert (witness.errors, witness.strangers) == ([], [])
    context.close()
    with Client(address, token=make_token(accounts.database, RITA)) as client:
        run = client.submit(preset="eir/demo")
        assert client.run(run.id).state == "queued"
