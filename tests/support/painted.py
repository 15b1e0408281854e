"""The painting page in a browser: opened by somebody, and where each pixel of the image is on it."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page, expect

from core.data.decoding import decode_label
from palimpsest.client import models
from tests.support.installation import Installation
from tests.support.live_run import ask

WIDTH, HEIGHT = 48, 32
"""Size of the images of `tests.support.labelled_run`."""
LARGEST_ZOOM = 32
SAVED = re.compile(r"^saved \d+ s ago$")


def query_of(installation: Installation, asking: models.WaitingRound, index: int) -> dict[str, Any]:
    """Return one of the queries of a round."""
    found = list(installation.client.labelling.queries(asking.stage_id))[index]
    return dict(ask(installation, f"/queries/{found.id}"))


def begin(page: Page, stage_id: str, query_id: str, name: str) -> None:
    """Open a query as somebody."""
    page.goto(f"/labelling/{stage_id}/paint/{query_id}")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("img", name="labels of")).to_be_visible()


def place_of(page: Page, column: int, row: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> tuple[float, float]:
    """Return the place on the page of the middle of a pixel of an image that is shown whole."""
    box = page.get_by_role("img", name="labels of").bounding_box()
    assert box is not None
    width, height = page.evaluate("(({width, height}) => [width, height])(document.querySelector('canvas'))")
    scale = width / box["width"]
    zoom = min(width / size[0], height / size[1], LARGEST_ZOOM)
    left, top = round((width - size[0] * zoom) / 2), round((height - size[1] * zoom) / 2)
    return box["x"] + (left + (column + 0.5) * zoom) / scale, box["y"] + (top + (row + 0.5) * zoom) / scale


def proposal_of(installation: Installation, query: dict[str, Any]) -> npt.NDArray[np.uint8]:
    """Return the teacher's labels of a query."""
    return decode_label(installation.client.labelling.picture(query["proposal_url"]), "proposal", (WIDTH, HEIGHT))


def draft_of(installation: Installation, query_id: str, name: str) -> npt.NDArray[np.uint8]:
    """Return the labels of somebody's draft, which has one tile."""
    (tile,) = ask(installation, f"/queries/{query_id}/draft?author={name}")["pngs"]
    return decode_label(base64.b64decode(tile["png"]), "tile", (WIDTH, HEIGHT))


def shown_colours(page: Page, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Return (H, W, 3): the colour that the canvas shows at the middle of each pixel of an image of this size."""
    shown = page.get_by_role("img", name="labels of")
    box = shown.bounding_box()
    assert box is not None
    # Within an image the places are even steps: two of them give all.
    (left, top), (right, bottom) = place_of(page, 0, 0, size), place_of(page, size[0] - 1, size[1] - 1, size)
    columns = (np.linspace(left, right, size[0]) - box["x"]).astype(int).tolist()
    rows = (np.linspace(top, bottom, size[1]) - box["y"]).astype(int).tolist()
    script = """(canvas, {columns, rows}) => {
        const {width, height} = canvas;
        const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
        return rows.flatMap(y => columns.flatMap(x => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)]));
    }"""
    colours = shown.evaluate(script, {"columns": columns, "rows": rows})
    return np.array(colours, np.uint8).reshape(size[1], size[0], 3)
