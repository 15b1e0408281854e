"""What holds for every page: quiet, at home, and with a face for a service that does not answer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessibility import unreadable
from tests.support.browser import Witness
from tests.support.pages import PAGES, PageEntry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NARROW_PX = 768
HEADER_CONTROLS = 8  # the name, five pages, colours and help
every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])
every_page = pytest.mark.parametrize("entry", PAGES, ids=[entry.name for entry in PAGES])


@every_page
@every_scheme
def test_a_page_is_quiet_and_readable_asks_no_other_host_and_fits_into_a_narrow_window(
    page: Page, shown: dict[str, str], witness: Witness, entry: PageEntry, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(entry.path.format(**shown))
    role, name = entry.landmark
    expect(page.get_by_role(role, name=name)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert unreadable(page) == []
    assert (witness.errors, witness.strangers) == ([], [])
    page.set_viewport_size({"width": NARROW_PX, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW_PX
    controls = page.get_by_role("banner").locator("a, button")
    boxes = controls.evaluate_all("controls => controls.map(control => control.getBoundingClientRect().toJSON())")
    assert len(boxes) == HEADER_CONTROLS
    assert all(box["left"] >= 0 and box["right"] <= NARROW_PX for box in boxes)


@every_scheme
@pytest.mark.parametrize("path", ["/docs", "/docs/pages.md", "/reference", "/problems", "/problems/not-found"])
def test_a_page_to_be_read_asks_no_other_host_and_fits_into_a_narrow_window(
    page: Page, witness: Witness, path: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": NARROW_PX, "height": 900})
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert unreadable(page) == []
    assert (witness.errors, witness.strangers) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW_PX
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")


@every_scheme
@pytest.mark.parametrize("tab", ["Log", "Config", "Artifacts"])
def test_every_tab_of_a_run_is_readable(page: Page, shown: dict[str, str], tab: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/runs/{run}".format(**shown))
    page.get_by_role("tab", name=tab).click()
    page.wait_for_load_state("networkidle")
    assert unreadable(page) == []


@every_scheme
@pytest.mark.parametrize(
    ("path", "button"),
    [
        ("/runs", "keys and help"),
        ("/datasets", "Register a dataset"),
        ("/datasets/{dataset}", "Remove"),
        ("/runs/{run}", "step 0 of"),
        ("/runs/{run}/memory", "pasted"),
    ],
)
def test_every_dialog_is_readable(page: Page, shown: dict[str, str], path: str, button: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(path.format(**shown))
    page.get_by_role("button", name=button).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert unreadable(page) == []


@every_scheme
def test_every_state_is_readable(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/workers")
    expect(page.get_by_role("table", name="workers")).to_be_visible()
    page.evaluate(
        """colours => document.querySelector('main').append(...colours.map(colour => {
          const badge = Object.assign(document.createElement('span'), {className: 'state-badge', textContent: colour});
          badge.dataset.colour = colour;
          return badge;
        }))""",
        ["gray", "blue", "yellow", "orange", "teal", "red"],
    )
    assert unreadable(page) == []


@every_page
def test_a_page_says_when_the_service_does_not_answer_and_asks_again(
    page: Page, shown: dict[str, str], entry: PageEntry
) -> None:
    page.route("**/api/**", lambda route: route.abort())
    page.goto(entry.path.format(**shown))
    expect(page.get_by_role("alert").get_by_text("The service does not answer").first).to_be_visible()
    assert unreadable(page) == []
    page.unroute_all()
    page.get_by_role("button", name="Try again").first.click()
    role, name = entry.landmark
    expect(page.get_by_role(role, name=name)).to_be_visible()


def test_a_translating_browser_leaves_texts_that_change_alone(page: Page, shown: dict[str, str]) -> None:
    page.goto("/runs/{run}".format(**shown))
    page.get_by_role("button", name="keys and help").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    # As Chrome does: every text that may be translated gets an element of its own.
    translated = page.evaluate(
        """() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const texts = [];
          while (walker.nextNode()) {
            if (walker.currentNode.parentElement.translate) texts.push(walker.currentNode);
          }
          texts.forEach(text => {
            const font = document.createElement('font');
            text.replaceWith(font);
            font.append(text.data.toUpperCase());
          });
          return texts.length;
        }"""
    )
    assert translated == 0
    page.get_by_role("dialog").press("Escape")
    page.get_by_role("tab", name="Log").click()
    expect(page.get_by_role("textbox", name="search")).to_be_visible()


def test_a_page_that_cannot_be_fetched_says_so_and_comes_by_itself(page: Page) -> None:
    page.goto("/datasets")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.route(re.compile("/(api|assets|healthz)"), lambda route: route.abort())
    page.get_by_role("link", name="Workers").click()
    expect(page.get_by_role("alert").get_by_text("The service does not answer", exact=True)).to_be_visible()
    page.unroute_all()
    expect(page.get_by_role("heading", name="Workers", exact=True)).to_be_visible()


def test_the_help_leads_to_the_documents_and_to_the_reference(page: Page) -> None:
    for name, heading in (("documentation", "Documentation"), ("API reference", "API")):
        page.goto("/workers")
        page.get_by_role("button", name="keys and help").click()
        page.get_by_role("dialog").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)


def test_an_address_that_names_nothing_is_answered_with_a_way_back(page: Page, witness: Witness) -> None:
    page.goto("/no-such-page")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    page.get_by_role("link", name="Go to the start page").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert witness.errors == []


def test_an_error_and_a_request_to_another_host_would_be_noticed(page: Page, witness: Witness) -> None:
    page.goto("/runs")
    page.evaluate("console.error('noticed')")
    page.evaluate("setTimeout(() => { throw new Error('not caught') })")
    page.evaluate("fetch('http://elsewhere.invalid/picture.png').catch(() => null)")
    assert "noticed" in witness.errors
    assert any("not caught" in error for error in witness.errors)
    # The service's content policy refuses such a request before it is made, and the browser says so.
    assert any("elsewhere.invalid" in noticed for noticed in [*witness.errors, *witness.strangers])
