"""People sign in, an admin lets an annotator in, and each sees what is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from server.auth.roles import Role
from server.shipped import PAGES
from server.storage import LocalStorage
from tests.support.accessibility import unreadable
from tests.support.accounts import NAMES, PASSWORD, AccountService, make_user, serve_accounts
from tests.support.browser import Witness
from tests.support.database import make_template, open_copy
from tests.support.label_rounds import make_waiting_round

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)>"
ADMIN = NAMES[Role.ADMIN]


@pytest.fixture(scope="module")
def accounts(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountService]:
    """A service with accounts and built pages, on which a round waits for labels."""
    home = tmp_path_factory.mktemp("home")
    database = open_copy(make_template(home), home / "palimpsest.db")
    with serve_accounts(database, home, PAGES) as running:
        storage = LocalStorage(running.service.app.state.settings.storage_folder)
        make_user(database, MARKUP)
        make_waiting_round(database, storage, home / "asked", ("ulm_1", "bonn_2", "ulm_3"))
        yield running
    database.dispose()


@pytest.fixture
def people(browser: Browser, accounts: AccountService, tmp_path: Path) -> Iterator[tuple[Page, Page]]:
    """Pages of two browsers that know nothing of each other."""
    contexts = [browser.new_context(base_url=accounts.service.address) for _ in range(2)]
    pages = contexts[0].new_page(), contexts[1].new_page()
    yield pages
    for number, page in enumerate(pages):
        page.screenshot(path=tmp_path / f"page-{number}.png")
        page.context.close()


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.locator("input[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


def let_in(admin: Page, name: str) -> str:
    """Make an account of an annotator on the page; returns the link that signs in once."""
    admin.get_by_role("button", name=f"signed in as {ADMIN}").click()
    admin.get_by_role("menuitem", name="Users").click()
    admin.get_by_label("Name").fill(name)
    admin.get_by_role("button", name="Add").click()
    notice = admin.get_by_role("status").filter(has_text=f"A link for {name}")
    link = notice.locator("code").inner_text()
    expect(admin.get_by_label(f"role of {name}")).to_have_value("annotator")
    # Whatever a name holds, it is text (SEC-2).
    expect(admin.get_by_role("cell", name=MARKUP, exact=True)).to_be_visible()
    assert admin.locator("img").count() == 0
    assert unreadable(admin) == []
    return link


def test_an_admin_lets_an_annotator_in_who_labels_and_sees_nothing_else(
    accounts: AccountService, people: tuple[Page, Page]
) -> None:
    admin, kim = people
    witness = Witness(kim.context, accounts.service.address)

    # Nobody sees anything before; a wrong password says so, and the wanted page follows the right one.
    admin.goto("/workers")
    expect(admin.get_by_role("heading", name="Sign in to Palimpsest")).to_be_visible()
    assert unreadable(admin) == []
    sign_in(admin, ADMIN, "not the password")
    expect(admin.get_by_text("name or password is wrong")).to_be_visible()
    sign_in(admin, ADMIN, PASSWORD)
    expect(admin.get_by_role("heading", name="Workers")).to_be_visible()

    link = let_in(admin, "kim")

    # The annotator comes by the link, finds the round and nothing else, and answers under the own name.
    kim.goto(link)
    expect(kim.get_by_role("heading", name="Labelling")).to_be_visible()
    assert kim.get_by_role("navigation", name="pages").get_by_role("link").count() == 1
    assert "#" not in kim.url
    kim.get_by_role("link", name="label round 0").click()
    expect(kim.get_by_text("You answer as kim.")).to_be_visible()
    kim.get_by_role("button", name="Next query").click()
    kim.get_by_role("button", name="Accept the teacher's proposal").click()
    kim.get_by_text("answered (1)").click()
    expect(kim.get_by_text("by kim, version 1")).to_be_visible()
    expect(kim.get_by_role("button", name="Send back")).to_have_count(0)
    assert unreadable(kim) == []
    kim.goto("/runs")
    expect(kim.get_by_text("Page not found")).to_be_visible()
    assert witness.errors == []

    # Who is disabled is asked to sign in at the next step; the page stays as it is.
    kim.goto("/account")
    expect(kim.get_by_role("heading", name="kim")).to_be_visible()
    assert unreadable(kim) == []
    admin.get_by_role("button", name="disable kim").click()
    expect(admin.get_by_role("button", name="enable kim")).to_be_visible()
    kim.get_by_label("Name, such as the script that uses it").fill("too late")
    kim.get_by_role("button", name="Create token").click()
    expect(kim.get_by_role("dialog", name="Sign in again")).to_be_visible()


def test_a_token_is_made_on_the_page_and_signing_out_ends_the_visit(
    accounts: AccountService, people: tuple[Page, Page]
) -> None:
    page, other = people
    for each in people:
        each.goto("/account")
        sign_in(each, NAMES[Role.RESEARCHER], PASSWORD)
    page.get_by_label("Name, such as the script that uses it").fill("night")
    page.get_by_label("write").check()
    page.get_by_role("button", name="Create token").click()
    secret = page.get_by_role("status").locator("code").inner_text()
    with accounts.with_token(secret) as script:
        started = script.post("/api/v1/runs", json={"preset": "eir/demo"}).status_code
    expect(page.get_by_role("row", name="night")).to_contain_text("read, write")
    page.get_by_role("button", name="revoke night").click()
    expect(page.get_by_text("You have no token yet.")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="Sign in to Palimpsest")).to_be_visible()
    other.goto("/runs")
    expect(other.get_by_role("heading", name="Sign in to Palimpsest")).to_be_visible()

    assert started == 201
