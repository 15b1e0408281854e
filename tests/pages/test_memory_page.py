"""The replay memory is browsed: from the table of classes to one stored instance."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from palimpsest.client import models
from tests.support.browser import Witness
from tests.support.installation import Installation
from tests.support.live_run import ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

IS_DRAWN = "image => image.complete && image.naturalWidth > 0"


def test_an_item_is_opened_and_its_crop_shows(
    page: Page, installation: Installation, finished: models.Run, witness: Witness
) -> None:
    items = ask(installation, f"/stages/{finished.stages[1].id}/memory-items")["items"]
    first, second = items[:2]
    page.goto(f"/runs/{finished.id}")
    page.get_by_role("link", name="Memory").click()
    instances = page.get_by_role("region", name="Instances").get_by_role("button")
    expect(instances).to_have_count(len(items))
    instances.first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(first["source"])).to_be_visible()
    crop = dialog.get_by_role("img", name=f"crop of {first['class_name']}")
    expect(crop).to_be_visible()
    page.wait_for_function(IS_DRAWN, arg=crop.element_handle())
    width, height = crop.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    x0, y0, x1, y1 = first["box"]
    assert (width, height) == (x1 - x0, y1 - y0)

    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text(second["source"])).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert (witness.errors, witness.strangers) == ([], [])
