"""Somebody labels a query with clicks alone: the browser decodes, and paints what the service would answer."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Browser, Page, expect
from pycocotools import mask as coco_mask

from core.data.decoding import decode_label
from tests.pages.test_painting_page import scaled
from tests.support.installation import STAGE_S, Installation
from tests.support.live_run import ask
from tests.support.painted import SAVED, begin
from tests.support.painting_round import RoundSize, waiting_stage
from tests.support.waiting import wait_until

__all__ = ["scaled"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ASSISTED = 3
WIDTH, HEIGHT = 192, 128
CLICK, BESIDE = (100, 90), (12, 10)
SIZE = RoundSize(WIDTH, HEIGHT, classes=5, queries=2)


@pytest.fixture(scope="module")
def asking(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round of two queries whose images are embedded by the built-in model."""
    stage = asked_by_hand(installation, tmp_path_factory.mktemp("asked"), {"model": "built_in"})
    wait_until(lambda: ask(installation, f"/stages/{stage}/assistant")["state"] == "ready", 5 * STAGE_S)
    return stage


@pytest.fixture(scope="module")
def without(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round without a model."""
    return asked_by_hand(installation, tmp_path_factory.mktemp("asked"))


def asked_by_hand(installation: Installation, folder: Path, assistant: Mapping[str, str] | None = None) -> str:
    """Return a waiting label stage; its worker must not claim the stages before it, for they would really train."""
    with installation.paused(installation.process("worker")):
        return waiting_stage(installation.database, installation.storage, folder, SIZE, assistant)


def query_of(installation: Installation, stage: str, index: int) -> dict[str, Any]:
    """Return one of the round's queries."""
    found = list(installation.client.labelling.queries(stage))[index]
    return dict(ask(installation, f"/queries/{found.id}"))


def at(page: Page, column: int, row: int) -> tuple[float, float]:
    """Return where the middle of a pixel of the image is on the page, which shows the image whole."""
    box = page.get_by_role("img", name="labels of").bounding_box()
    assert box is not None
    width, height = page.evaluate("(({width, height}) => [width, height])(document.querySelector('canvas'))")
    zoom, scale = min(width / WIDTH, height / HEIGHT), width / box["width"]
    left, top = round((width - WIDTH * zoom) / 2), round((height - HEIGHT * zoom) / 2)
    return box["x"] + (left + (column + 0.5) * zoom) / scale, box["y"] + (top + (row + 0.5) * zoom) / scale


def tile_of(installation: Installation, query_id: str, name: str, layer: str = "png") -> npt.NDArray[np.uint8]:
    """Return the labels of somebody's draft, which has one tile, or who gave them."""
    (tile,) = ask(installation, f"/queries/{query_id}/draft?author={name}")["pngs"]
    return decode_label(base64.b64decode(tile[layer]), "tile", (WIDTH, HEIGHT))


def proposal_of(installation: Installation, query: dict[str, Any]) -> npt.NDArray[np.uint8]:
    """Return the teacher's labels of a query."""
    return decode_label(installation.client.labelling.picture(query["proposal_url"]), "proposal", (WIDTH, HEIGHT))


def masks_of(installation: Installation, query_id: str, **question: Any) -> list[npt.NDArray[np.bool_]]:
    """Return what the service answers to a question."""
    address = f"{installation.client.base_url}/api/v1/queries/{query_id}/assistant/masks"
    answer = (
        httpx.post(address, json=question | {"candidates": 3}, trust_env=False, timeout=60).raise_for_status().json()
    )
    return [coco_mask.decode(one["rle"]).astype(bool) for one in answer["candidates"]]


def choose_assistant(page: Page) -> None:
    """Take the tool in hand, and wait until it is ready."""
    page.get_by_role("img", name="labels of").focus()
    page.keyboard.press("c")
    expect(page.get_by_role("status", name="assistant")).to_contain_text("the tiny SAM of Palimpsest answers")


@pytest.mark.parametrize("scaled", [1.0, 2.0], indirect=True)
def test_clicks_alone_paint_what_the_service_answers_on_every_screen(
    scaled: Page, installation: Installation, asking: str
) -> None:
    name = f"clicks on {scaled.evaluate('devicePixelRatio')}"
    query = query_of(installation, asking, 0)
    begin(scaled, asking, query["id"], name)
    choose_assistant(scaled)
    first = masks_of(installation, query["id"], clicks=[{"x": CLICK[0], "y": CLICK[1]}])

    scaled.mouse.click(*at(scaled, *CLICK))
    candidates = scaled.get_by_role("group", name="candidates").get_by_role("button", name="candidate")
    expect(candidates).to_have_count(len(first))
    scaled.keyboard.press("Tab")
    expect(candidates.nth(1)).to_have_attribute("aria-pressed", "true")
    scaled.keyboard.press("2")  # the key of a class takes the mask
    expect(scaled.get_by_role("group", name="candidates")).not_to_be_attached()
    expect(scaled.get_by_role("status", name="saved state")).to_contain_text(SAVED)

    expected = proposal_of(installation, query).copy()
    expected[first[1]] = query["classes"][1]["id"]
    np.testing.assert_array_equal(tile_of(installation, query["id"], name), expected)
    np.testing.assert_array_equal(tile_of(installation, query["id"], name, "sources") == ASSISTED, first[1])

    scaled.keyboard.press("z")
    expect(scaled.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_box_and_a_negative_click_are_answered_and_dropped(
    page: Page, installation: Installation, asking: str
) -> None:
    query = query_of(installation, asking, 1)
    begin(page, asking, query["id"], "ann")
    choose_assistant(page)
    (boxed, *_) = masks_of(installation, query["id"], box=[64, 64, 127, 127])

    page.mouse.move(*at(page, 64, 64))
    page.mouse.down()
    page.mouse.move(*at(page, 127, 127), steps=4)
    page.mouse.up()
    page.get_by_role("group", name="candidates").get_by_role("button", name="candidate 1").wait_for()
    page.mouse.click(*at(page, *BESIDE), button="right")
    page.keyboard.press("Backspace")
    expect(page.get_by_role("button", name="Take it")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status", name="saved state")).to_contain_text(SAVED)
    draft = tile_of(installation, query["id"], "ann")
    assert (draft[boxed] == query["classes"][0]["id"]).all()

    page.mouse.click(*at(page, *BESIDE))
    page.get_by_role("button", name="Take it").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="candidates")).not_to_be_attached()
    np.testing.assert_array_equal(tile_of(installation, query["id"], "ann"), draft)


def test_without_a_model_the_tool_says_so_and_the_rest_works(
    page: Page, installation: Installation, without: str
) -> None:
    query = query_of(installation, without, 0)
    begin(page, without, query["id"], "ann")

    page.keyboard.press("c")
    expect(page.get_by_role("status", name="assistant")).to_contain_text("No model is set for this round")
    paint_with_the_brush(page)


def paint_with_the_brush(page: Page) -> None:
    """Paint a dot, and see that it is saved."""
    page.keyboard.press("b")
    page.keyboard.press("3")
    page.mouse.click(*at(page, 20, 20))
    expect(page.get_by_role("status", name="saved state")).to_contain_text(SAVED)


@pytest.mark.parametrize(
    ("missing", "words"),
    [("**/*.wasm", "wasm"), ("**/decoder?*", "could not be loaded"), ("**/decoder.worker*", "could not be loaded")],
)
def test_a_file_that_is_missing_is_told_and_the_rest_works(
    page: Page, installation: Installation, asking: str, missing: str, words: str
) -> None:
    page.route(re.compile(missing.replace("*", ".*").replace("?", r"\?")), lambda route: route.fulfill(status=404))
    query = query_of(installation, asking, 1)
    begin(page, asking, query["id"], f"without {words} {len(missing)}")

    page.keyboard.press("c")
    told = page.get_by_role("status", name="assistant")
    expect(told).to_contain_text("The assistant cannot be used; the other tools work.")
    expect(told).to_contain_text(words)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    paint_with_the_brush(page)


@pytest.fixture
def isolated(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A page in a fresh profile."""
    context = browser.new_context(base_url=installation.client.base_url)
    yield context.new_page()
    context.close()


def test_pages_are_isolated_so_that_the_model_may_compute_in_threads(isolated: Page) -> None:
    isolated.goto("/labelling")

    assert isolated.evaluate("crossOriginIsolated") is True
