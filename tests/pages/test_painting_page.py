"""Somebody paints queries in the browser: exact at every scale, never losing a stroke."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image as PILImage
from playwright.sync_api import Browser, Page, expect

from core.data.decoding import decode_label
from palimpsest.client import models
from tests.support.accessibility import unreadable
from tests.support.browser import ARGUMENTS, Witness, find_chromium
from tests.support.installation import STAGE_S, Installation
from tests.support.labelled_run import SEED, waiting_round, with_rounds
from tests.support.live_run import ask
from tests.support.painted import HEIGHT, SAVED, WIDTH, begin, draft_of, place_of, proposal_of, query_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PERSON, ASSISTED = 2, 3


@pytest.fixture(scope="module")
def asking(installation: Installation) -> models.WaitingRound:
    """A round of two queries that waits for people."""
    run = installation.client.submit(with_rounds(1), seed=SEED + 7, name="painted by people")
    return waiting_round(installation, run.id, 0)


@pytest.fixture
def untouched(installation: Installation) -> models.WaitingRound:
    """Another round, of whose queries nobody has one."""
    run = installation.client.submit(with_rounds(1), seed=SEED + 8, name="painted in one go")
    return waiting_round(installation, run.id, 0)


@pytest.fixture(params=[1.0, 1.1, 1.25, 2.0, 3.0])
def scaled(request: pytest.FixtureRequest, browser: Browser, installation: Installation) -> Iterator[Page]:
    """A page on a screen with so many device pixels for each pixel of the page; a browser's zoom does the same."""
    window = f"--window-size={round(1280 * request.param)},{round(900 * request.param)}"
    arguments = [*ARGUMENTS, f"--force-device-scale-factor={request.param}", window]
    other = browser.browser_type.launch(executable_path=find_chromium(), args=arguments)
    # A viewport of the driver's own would put its scale in place of the screen's.
    yield other.new_context(no_viewport=True, base_url=installation.client.base_url).new_page()
    other.close()


def decode_16_bit(png: bytes) -> npt.NDArray[np.uint16]:
    """Return the numbers of a grey PNG."""
    return np.asarray(PILImage.open(io.BytesIO(png)), dtype=np.uint16)


def test_one_click_of_the_smallest_brush_paints_the_one_pixel_under_it(
    scaled: Page, installation: Installation, asking: models.WaitingRound
) -> None:
    name = f"screen of {scaled.evaluate('devicePixelRatio')}"
    query = query_of(installation, asking, 0)
    begin(scaled, asking.stage_id, query["id"], name)
    ratio = scaled.evaluate("document.querySelector('canvas').width / document.querySelector('canvas').clientWidth")
    assert ratio == pytest.approx(scaled.evaluate("devicePixelRatio"), rel=0.01)
    scaled.get_by_label("size of the brush", exact=True).fill("1")
    scaled.get_by_role("img", name="labels of").focus()
    proposal = proposal_of(installation, query)
    places = [(0, 0), (WIDTH - 1, HEIGHT - 1), (17, 9)]
    other = [
        next(index for index, one in enumerate(query["classes"]) if one["id"] != proposal[row, column])
        for column, row in places
    ]

    for (column, row), index in zip(places, other, strict=True):
        scaled.keyboard.press(str(index + 1))
        scaled.mouse.click(*place_of(scaled, column, row))
    expect(scaled.get_by_role("status", name="saved state")).to_contain_text(SAVED)

    expected = proposal.copy()
    for (column, row), index in zip(places, other, strict=True):
        expected[row, column] = query["classes"][index]["id"]
    np.testing.assert_array_equal(draft_of(installation, query["id"], name), expected)


def test_strokes_are_undone_survive_a_reload_and_come_back_after_the_network_was_away(
    page: Page, installation: Installation, asking: models.WaitingRound
) -> None:
    query = query_of(installation, asking, 0)
    proposal, state = proposal_of(installation, query), page.get_by_role("status", name="saved state")
    begin(page, asking.stage_id, query["id"], "ann")
    page.keyboard.press("1")
    page.mouse.move(*place_of(page, 2, 2))
    page.mouse.down()
    page.mouse.move(*place_of(page, 40, 28))
    page.mouse.up()
    expect(state).to_contain_text(SAVED)
    painted = draft_of(installation, query["id"], "ann")
    assert (painted != proposal).sum() > 100
    assert painted[2, 2] == painted[15, 21] == query["classes"][0]["id"]  # the way of a fast stroke has no gap

    page.keyboard.press("2")
    page.mouse.move(*place_of(page, 10, 20))
    page.mouse.down()
    page.context.set_offline(True)  # in the middle of a stroke
    page.mouse.move(*place_of(page, 10, 24))
    page.mouse.up()
    expect(state).to_contain_text("kept in this browser")
    page.context.set_offline(False)
    expect(state).to_contain_text(SAVED)
    assert (draft_of(installation, query["id"], "ann")[20:25, 10] == query["classes"][1]["id"]).all()

    page.reload()
    expect(page.get_by_role("img", name="labels of")).to_be_visible()
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    expect(state).to_contain_text("not saved yet")
    expect(state).to_contain_text(SAVED)
    np.testing.assert_array_equal(draft_of(installation, query["id"], "ann"), proposal)


def test_a_stroke_that_was_not_saved_is_there_when_the_tab_is_opened_again(
    page: Page, installation: Installation, asking: models.WaitingRound
) -> None:
    query = query_of(installation, asking, 1)
    begin(page, asking.stage_id, query["id"], "bea")
    page.route("**/draft", lambda route: route.abort())
    page.keyboard.press("1")
    page.mouse.click(*place_of(page, 24, 16))
    expect(page.get_by_role("status", name="saved state")).to_contain_text("kept in this browser")
    other = page.context.new_page()
    page.close(run_before_unload=False)

    other.goto(f"/labelling/{asking.stage_id}/paint/{query['id']}")

    expect(other.get_by_text("came back from this browser")).to_be_visible()
    expect(other.get_by_role("status", name="saved state")).to_contain_text(SAVED)
    assert draft_of(installation, query["id"], "bea")[16, 24] == query["classes"][0]["id"]


def test_of_two_versions_each_place_is_chosen(
    page: Page, installation: Installation, asking: models.WaitingRound
) -> None:
    query, state = query_of(installation, asking, 1), page.get_by_role("status", name="saved state")
    begin(page, asking.stage_id, query["id"], "cleo")
    page.get_by_label("size of the brush", exact=True).fill("3")
    page.get_by_role("img", name="labels of").focus()
    other = page.context.new_page()
    other.goto(f"/labelling/{asking.stage_id}/paint/{query['id']}")
    expect(other.get_by_role("img", name="labels of")).to_be_visible()
    other.keyboard.press("2")
    for column in (4, 24):
        other.mouse.click(*place_of(other, column, 4))
    expect(other.get_by_role("status", name="saved state")).to_contain_text(SAVED)

    page.bring_to_front()
    page.keyboard.press("3")
    page.mouse.click(*place_of(page, 44, 28))
    expect(state).to_contain_text("saved elsewhere since")
    draft = draft_of(installation, query["id"], "cleo")
    assert draft[4, 4] == draft[4, 24] == query["classes"][1]["id"]  # nothing is written over
    page.get_by_role("button", name="Compare and choose").click()
    places = page.get_by_role("list", name="places that differ").get_by_role("button")
    expect(places).to_have_text([re.compile("9 pixels.*here")] * 3)
    assert unreadable(page) == []
    page.keyboard.press("ArrowRight")
    expect(places).to_have_text([re.compile("elsewhere"), re.compile("here"), re.compile("here")])
    page.get_by_role("button", name="Go on with this").click()
    expect(state).to_contain_text(SAVED)
    proposal, draft = proposal_of(installation, query), draft_of(installation, query["id"], "cleo")
    kept = [draft[4, 4], draft[4, 24], draft[28, 44]]
    assert kept == [query["classes"][1]["id"], proposal[4, 24], query["classes"][2]["id"]]
    page.keyboard.press("z")
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_superpixels_and_the_teacher_leave_their_marks_on_what_they_gave(
    page: Page, installation: Installation, asking: models.WaitingRound
) -> None:
    query = query_of(installation, asking, 1)
    begin(page, asking.stage_id, query["id"], "gil")
    pieces = decode_16_bit(installation.client.labelling.picture(query["superpixels_url"]["coarse"]))
    page.keyboard.press("s")
    page.keyboard.press("]")
    expect(page.get_by_role("status", name="superpixels")).to_contain_text("Click or drag")
    page.keyboard.press("4")
    page.mouse.click(*place_of(page, 20, 20))
    page.keyboard.press("b")
    page.mouse.click(*place_of(page, 3, 3))
    expect(page.get_by_role("status", name="saved state")).to_contain_text(SAVED)

    (tile,) = ask(installation, f"/queries/{query['id']}/draft?author=gil")["pngs"]
    sources = decode_label(base64.b64decode(tile["sources"]), "sources", (WIDTH, HEIGHT))
    labels = draft_of(installation, query["id"], "gil")
    piece = pieces == pieces[20, 20]
    assert sources[3, 3] == PERSON
    np.testing.assert_array_equal(sources == ASSISTED, piece & (sources != PERSON))
    assert (labels[piece] == query["classes"][3]["id"]).all()
    # The page opened anew knows whose labels they are, and takes the teacher's back where they are taken.
    page.reload()
    page.mouse.move(*place_of(page, 20, 20))
    expect(page.get_by_text("painted with help")).to_be_visible()
    page.keyboard.press("Shift+A")
    expect(page.get_by_text("from the teacher")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_readable(page: Page, asking: models.WaitingRound, installation: Installation, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    begin(page, asking.stage_id, query_of(installation, asking, 1)["id"], "dora")
    page.wait_for_load_state("networkidle")
    assert unreadable(page) == []


def paint_by_keys(page: Page) -> None:
    """Paint a query whole without a mouse: traffic signs with a stroke of road."""
    # Begin empty, be told what is missing, find a class by its name and pour it.
    page.keyboard.press("Shift+E")
    expect(page.get_by_role("status", name="saved state")).to_contain_text(SAVED)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert", name="Before it is sent")).to_contain_text("without a class")
    page.keyboard.press("/")
    page.keyboard.type("traf")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="traffic sign", exact=True)).to_have_attribute("aria-pressed", "true")
    for key in ("f", "ArrowRight", "t"):
        page.keyboard.press(key)
    # What Caps Lock gives: a capital without Shift. It is a brush all the same, and draws while the cross moves.
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'B', code: 'KeyB', bubbles: true}))")
    expect(page.get_by_role("button", name="Brush", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    page.keyboard.down("t")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.up("t")
    expect(page.get_by_role("status", name="saved state")).to_contain_text(SAVED)


def test_two_people_paint_a_round_at_once_one_of_them_without_a_mouse(
    page: Page, browser: Browser, installation: Installation, untouched: models.WaitingRound, witness: Witness
) -> None:
    address = f"/labelling/{untouched.stage_id}/paint"
    page.goto(address)
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("ann")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="labels of")).to_be_visible()
    other = browser.new_context(
        base_url=installation.client.base_url, viewport={"width": 1280, "height": 800}
    ).new_page()
    other.goto(address)
    other.get_by_label("Your name").fill("bea")
    other.get_by_role("button", name="Begin").click()
    expect(other.get_by_role("img", name="labels of")).to_be_visible()
    assert page.url != other.url

    paint_by_keys(page)
    before = page.url
    page.keyboard.press("Control+Enter")
    expect(page).not_to_have_url(before)
    expect(page.get_by_text("Nothing is left to paint")).to_be_visible()

    other.get_by_role("button", name="Take all").click()
    other.get_by_role("button", name="Send answer").click()
    expect(other.get_by_text("This round is closed")).to_be_visible()
    ended = installation.client.wait(untouched.run_id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    answers = [
        ask(installation, f"/queries/{query.id}")["annotations"][-1]
        for query in installation.client.labelling.queries(untouched.stage_id)
    ]
    assert {answer["author"] for answer in answers} == {"ann", "bea"}
    assert {answer["pixels"] for answer in answers} == {WIDTH * HEIGHT}
    (by_keys,) = (answer for answer in answers if answer["author"] == "ann")
    assert by_keys["clicks"] == 2
    assert set(by_keys["class_pixels"]) == {"0", "7"}  # road under the brush, traffic signs elsewhere
    assert [error for error in witness.errors if "409" not in error] == []
    assert witness.strangers == []


def test_keys_are_changed_and_kept(page: Page, installation: Installation, asking: models.WaitingRound) -> None:
    begin(page, asking.stage_id, query_of(installation, asking, 1)["id"], "emil")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    sheet.get_by_role("button", name="key of Brush: B").click()
    page.keyboard.press("e")
    expect(sheet.get_by_role("status")).to_contain_text("“Eraser” has no key any more")
    sheet.get_by_role("button", name="key of bicycle: none").click()
    page.keyboard.press("b")
    expect(sheet.get_by_role("button", name="key of bicycle: B")).to_be_visible()
    assert unreadable(page) == []
    page.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()
    page.reload()
    expect(page.get_by_role("img", name="labels of")).to_be_visible()
    page.keyboard.press("w")
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Brush", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="bicycle", exact=True)).to_have_attribute("aria-pressed", "true")


def test_the_view_is_changed_and_nothing_of_it_is_painted(
    page: Page, installation: Installation, asking: models.WaitingRound
) -> None:
    query = query_of(installation, asking, 1)
    begin(page, asking.stage_id, query["id"], "fay")
    shown = page.get_by_role("img", name="labels of")

    def pixel(column: int, row: int) -> list[int]:
        """Return the colour of a pixel of the image as it is drawn, once it is."""
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        x, y = place_of(page, column, row)
        box = shown.bounding_box()
        assert box is not None
        script = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
        return list(shown.evaluate(script, [round(x - box["x"]), round(y - box["y"])]))

    plain = pixel(20, 20)
    page.keyboard.down("h")
    hidden = pixel(20, 20)
    assert hidden != plain
    page.keyboard.up("h")
    assert pixel(20, 20) == plain
    page.keyboard.press("o")
    assert pixel(20, 20) == hidden  # the teacher, hardly trained, sees one class here: no outline
    page.keyboard.press("m")
    assert pixel(20, 20) not in (hidden, plain)
    page.keyboard.press("m")
    page.get_by_text("Brightness, contrast, gamma").click()
    slider = page.get_by_role("slider", name="brightness, percent")
    slider.press("End")
    assert sum(pixel(20, 20)) > sum(hidden)
    page.get_by_role("button", name="As it is").click()
    page.keyboard.press("o")
    page.keyboard.press(".")
    assert pixel(20, 20) != plain
    page.keyboard.press(",")
    assert pixel(20, 20) == plain
    # Zoomed in, the small map leads elsewhere.
    for _ in range(12):
        page.keyboard.press("+")
    expect(page.get_by_role("status", name="zoom")).to_have_text("3200 %")
    page.locator(".minimap").click(position={"x": 2, "y": 2})
    x, y = shown.bounding_box()["x"], shown.bounding_box()["y"]  # type: ignore[index]
    page.mouse.move(x + 700, y + 500)
    expect(page.get_by_text(re.compile(r"^\d+, \d+"))).to_be_visible()
    expect(page.get_by_role("status", name="saved state")).to_contain_text("nothing to save")
