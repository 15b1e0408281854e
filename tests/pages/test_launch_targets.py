"""The Launch page of a method that learns several domains at once: its source and its targets."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessibility import unreadable
from tests.support.browser import Witness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_source_and_targets_are_counted_named_added_and_taken_away(page: Page, witness: Witness) -> None:
    page.goto("/launch?preset=coast/demo")
    expect(page.get_by_text("Ready to launch")).to_be_visible()
    expect(page.get_by_text("the dataset above, 300 training images")).to_be_visible()
    first = page.get_by_role("group", name="Target city-a")
    expect(first).to_contain_text("target 1, 120 training images")
    expect(first.get_by_role("button", name="Remove target city-a")).to_be_disabled()
    reset = page.get_by_role("button", name="Reset targets to city-a, city-b")
    expect(reset).to_have_count(0)
    assert unreadable(page) == []

    page.get_by_role("button", name="Add a target").click()
    added = page.get_by_role("group", name="Target target-1")
    expect(added).to_contain_text("target 3, 120 training images")
    # The same pictures as those of the target before.
    expect(added).to_contain_text("target-1 is the same dataset as city-b")
    name = added.get_by_label("Name of the domain")
    name.fill("city-a")
    again = page.get_by_role("group", name="Target city-a").last
    expect(again).to_contain_text("the name 'city-a' names another target already; choose another")
    again.get_by_label("Name of the domain").fill("city-c")
    again = page.get_by_role("group", name="Target city-c")
    again.get_by_text("Options of the dataset").click()
    again.get_by_role("combobox", name="domain").click()
    page.get_by_role("option", name="city-c").click()
    expect(again).not_to_contain_text("is the same dataset")
    expect(page.get_by_text("Ready to launch")).to_be_visible()

    page.get_by_role("button", name="Remove target city-b").click()
    expect(page.get_by_role("group", name="Target city-b")).to_have_count(0)
    reset.click()
    expect(page.get_by_role("group", name="Target city-c")).to_have_count(0)
    expect(page.get_by_role("group", name="Target city-b")).to_be_visible()
    assert (witness.strangers, [error for error in witness.errors if "422" not in error]) == ([], [])
