"""A method and a kind of stream that only tests know, from the Launch page to the page of its run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Witness, read_chart
from tests.support.installation import STAGE_S, Installation
from tests.support.live_run import LOSSES, stored_curves
from tests.support.toy.installation import toy_installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RUN_ADDRESS = re.compile(r"/runs/([^/?#]+)$")


@pytest.fixture(scope="module")
def installation(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation where the toy is installed; asks for the browser first, so that nothing is started in vain."""
    assert browser.is_connected()
    with toy_installation(tmp_path_factory.mktemp("toy")) as installation:
        yield installation


def test_a_run_of_a_foreign_method_is_launched_by_its_form_and_shown(
    page: Page, installation: Installation, witness: Witness
) -> None:
    page.goto("/launch?preset=toy/demo")
    expect(page.get_by_text("Ready to launch")).to_be_visible()
    expect(page.get_by_text("2 stages, 40 iterations", exact=False).first).to_be_visible()
    plan = page.get_by_role("table").filter(has=page.get_by_role("columnheader", name="takes"))
    expect(plan.get_by_role("columnheader")).to_have_text(["stage", "images", "iterations", "takes"])
    expect(plan.get_by_role("row").last.get_by_role("cell")).to_have_text(["1 · train-second", "8", "20", "0/model"])
    page.get_by_label("Name", exact=True).fill("two cities")
    page.get_by_role("button", name="Launch 1 run").click()
    page.wait_for_url(RUN_ADDRESS)
    found = RUN_ADDRESS.search(page.url)
    assert found is not None

    stages = page.get_by_role("list", name="stages")
    expect(stages.get_by_text("succeeded")).to_have_count(2, timeout=STAGE_S * 1000)
    expect(stages.get_by_text("train-second")).to_be_visible()
    heads = page.get_by_role("table", name="by class and").get_by_role("columnheader")
    expect(heads).to_contain_text(["class", "learned in", "domain 0", "domain 1"])
    expect(page.get_by_role("heading", name="Predictions")).to_be_visible()
    expect(page.get_by_text("Nothing predicted yet")).to_have_count(0)
    curves = read_chart(page, LOSSES)
    assert list(curves["loss"]) == [5, 10, 15, 20, 25, 30, 35, 40]
    assert curves == stored_curves(installation, found[1], ["loss"], iterations=20)
    assert (witness.errors, witness.strangers) == ([], [])
