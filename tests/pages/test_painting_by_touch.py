"""Somebody paints with fingers: one draws, two move the image, and neither does the other's work."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from palimpsest.client import models
from tests.support.installation import Installation
from tests.support.labelled_run import SEED, waiting_round, with_rounds
from tests.support.painted import SAVED, begin, draft_of, place_of, proposal_of, query_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

Place = tuple[float, float]


@pytest.fixture(scope="module")
def asking(installation: Installation) -> models.WaitingRound:
    """A round that waits for people."""
    run = installation.client.submit(with_rounds(1), seed=SEED + 9, name="painted by fingers")
    return waiting_round(installation, run.id, 0)


@pytest.fixture
def tablet(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A page on a screen that is touched."""
    context = browser.new_context(has_touch=True, base_url=installation.client.base_url)
    yield context.new_page()
    context.close()


def touch(session: CDPSession, kind: str, *places: Place) -> None:
    """Tell the page where the fingers are now; those who are not named are lifted."""
    points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_one_finger_paints_and_two_zoom(tablet: Page, installation: Installation, asking: models.WaitingRound) -> None:
    query = query_of(installation, asking, 0)
    begin(tablet, asking.stage_id, query["id"], "touched")
    expect(tablet).to_have_title(f"{query['image']}, Round 0 of painted by fingers, waiting for labels · Palimpsest")
    tablet.get_by_label("size of the brush", exact=True).fill("1")
    proposal = proposal_of(installation, query)
    row = next(row for row in range(proposal.shape[0]) if len(set(proposal[row, 8:13])) == 1)
    key, other = next((index, one["id"]) for index, one in enumerate(query["classes"]) if one["id"] != proposal[row, 8])
    tablet.get_by_role("img", name="labels of").focus()
    tablet.keyboard.press(str(key + 1))
    hand = tablet.context.new_cdp_session(tablet)

    touch(hand, "touchStart", place_of(tablet, 8, row))
    touch(hand, "touchMove", place_of(tablet, 12, row))
    touch(hand, "touchEnd")
    expect(tablet.get_by_role("status", name="saved state")).to_contain_text(SAVED)
    zoom = tablet.get_by_role("status", name="zoom")
    before = zoom.text_content()
    left, right = place_of(tablet, 10, row), place_of(tablet, 20, row)
    touch(hand, "touchStart", left)
    touch(hand, "touchStart", left, right)
    touch(hand, "touchMove", left, (left[0] + (right[0] - left[0]) / 2, right[1]))
    touch(hand, "touchEnd")
    expect(zoom).not_to_have_text(before or "")

    expected = proposal.copy()
    expected[row, 8:13] = other
    np.testing.assert_array_equal(draft_of(installation, query["id"], "touched"), expected)
    assert tablet.get_by_role("button", name="Redo").is_disabled()
