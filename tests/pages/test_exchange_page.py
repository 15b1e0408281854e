"""Answers leave and labels come by buttons on the page of a round (IO-1, IO-2, IO-4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, Page, expect

from core.data.decoding import decode_label
from tests.support.accessibility import unreadable
from tests.support.exported import zip_of
from tests.support.painted import SAVED, begin, place_of, shown_colours
from tests.support.painting_round import RoundSize, waiting_stage
from tests.support.quiet_service import QuietService
from tests.support.zips import unpack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PROCESS_MS = 120_000
"""Exports and imports have a process each, which a busy machine takes its time to start."""
SIZE = WIDTH, HEIGHT = 128, 64


@pytest.fixture(scope="module")
def stage_id(quiet: QuietService, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A round of three queries that waits for people."""
    size = RoundSize(WIDTH, HEIGHT, classes=12, queries=3)
    return waiting_stage(quiet.database, quiet.storage, tmp_path_factory.mktemp("asked"), size)


def labels_by_colour(colours: npt.NDArray[np.uint8], classes: list[dict[str, Any]]) -> npt.NDArray[np.uint8]:
    """Return raw ids by the colours of the classes; 255 where a colour is that of none."""
    labels = np.full(colours.shape[:2], 255, np.uint8)
    for one in classes:
        labels[(colours == list(bytes.fromhex(one["colour"][1:]))).all(-1)] = one["id"]
    return labels


def paint_something(page: Page) -> None:
    """Draw with a brush, a rectangle and a fill in different classes, and erase a little."""
    page.keyboard.press("3")
    page.mouse.move(*place_of(page, 3, 4, SIZE))
    page.mouse.down()
    page.mouse.move(*place_of(page, 44, 27, SIZE))
    page.mouse.up()
    page.keyboard.press("r")
    page.keyboard.press("5")
    page.mouse.move(*place_of(page, 30, 3, SIZE))
    page.mouse.down()
    page.mouse.move(*place_of(page, 41, 9, SIZE))
    page.mouse.up()
    page.keyboard.press("f")
    page.keyboard.press("9")
    page.mouse.click(*place_of(page, 120, 60, SIZE))
    page.keyboard.press("b")
    page.mouse.click(*place_of(page, 20, 16, SIZE), button="right")


def test_what_is_shown_is_what_is_exported_pixel_for_pixel(
    quiet_page: Page, quiet: QuietService, stage_id: str, tmp_path: Path
) -> None:
    page, query = quiet_page, quiet.query_of(stage_id, 0)
    begin(page, stage_id, query["id"], "ivo")
    paint_something(page)
    expect(page.get_by_role("status", name="saved state")).to_contain_text(SAVED)
    page.get_by_role("slider", name="labels, percent").press("End")
    page.mouse.move(0, 0)  # the brush is drawn over the labels
    shown = labels_by_colour(shown_colours(page, SIZE), query["classes"])
    assert len(np.unique(shown)) >= 4
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send it as it is").click()
    expect(page).not_to_have_url(f"**/{query['id']}")

    page.goto(f"/labelling/{stage_id}?tab=exchange")
    page.get_by_role("button", name="Export…").click()
    dialog = page.get_by_role("dialog")
    assert unreadable(page) == []
    dialog.get_by_role("button", name="Export", exact=True).click()
    link = dialog.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=PROCESS_MS)
    with page.expect_download() as download:
        link.click()
    download.value.save_as(tmp_path / "answers.zip")

    files = unpack((tmp_path / "answers.zip").read_bytes())
    (name,) = [name for name in files if name.startswith("labels/")]
    np.testing.assert_array_equal(decode_label(files[name], name, SIZE), shown)
    page.keyboard.press("Escape")
    expect(page.get_by_role("list", name="exports and imports").get_by_role("link")).to_contain_text("1 answer")


def outline(left: int, right: int, category: int, number: int) -> dict[str, Any]:
    """Return a COCO annotation of a band from the top of an image to its foot."""
    polygon = [left, 0, right, 0, right, HEIGHT, left, HEIGHT]
    return {"id": number, "image_id": 1, "category_id": category, "segmentation": [polygon]}


def choose(dialog: Locator, archive: bytes) -> None:
    """Put an archive into the dialog of imports."""
    dialog.locator("input[type=file]").set_input_files(
        {"name": "labels.zip", "mimeType": "application/zip", "buffer": archive}
    )


def test_labels_are_checked_and_then_imported(quiet_page: Page, quiet: QuietService, stage_id: str) -> None:
    page, query = quiet_page, quiet.query_of(stage_id, 1)
    first, second = query["classes"][:2]
    bands = [outline(-3, 30, 1, 1), outline(20, WIDTH, 2, 2)]
    bands[0]["segmentation"].append([1, 1, 2, 2])
    document = {
        "images": [{"id": 1, "file_name": f"{query['image']}.jpg", "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": first["name"]}, {"id": 2, "name": second["name"]}],
        "annotations": bands,
    }
    page.goto(f"/labelling/{stage_id}")
    page.get_by_label("Your name").fill("ivo")
    page.get_by_role("tab", name="Export and import").click()
    page.get_by_role("button", name="Import…").click()
    dialog = page.get_by_role("dialog")

    # What is no archive is refused in words.
    choose(dialog, b"no archive")
    dialog.get_by_role("button", name="Check what it holds").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no ZIP archive", timeout=PROCESS_MS)

    choose(dialog, zip_of({"labels.json": json.dumps(document).encode()}).getvalue())
    dialog.get_by_label("COCO").check()
    dialog.get_by_role("button", name="Check what it holds").click()
    report = dialog.get_by_role("region", name="what became of the archive")
    expect(report).to_contain_text("0 files can be taken, 1 refused", timeout=PROCESS_MS)
    expect(report).to_contain_text("overlap and differ in class")
    dialog.get_by_role("combobox", name="Pixels that annotations of two classes cover").click()
    page.get_by_role("option", name="the last annotation gets them").click()
    dialog.get_by_role("button", name="Check what it holds").click()
    expect(report).to_contain_text("1 file can be taken", timeout=PROCESS_MS)
    expect(report).to_contain_text("1 piece of fewer than three vertices left out")
    expect(report).to_contain_text("1 annotation cut at the border")
    expect(report).to_contain_text(f"{10 * HEIGHT} pixels of two classes settled as chosen")
    assert unreadable(page) == []

    dialog.get_by_role("button", name="Import 1 answer").click()
    expect(report).to_contain_text("1 file taken", timeout=PROCESS_MS)
    labels = decode_label(quiet.service.http.get(f"/queries/{query['id']}/answer?version=1").content, "", SIZE)
    assert (labels[:, :20] == first["id"]).all()
    assert (labels[:, 20:] == second["id"]).all()
