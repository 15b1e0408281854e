"""Methods x seeds from one form: started, watched on the page of an experiment, compared, and exported as shown."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.accessibility import unreadable
from tests.support.browser import CELLS, Witness
from tests.support.installation import STAGE_S, Installation
from tests.support.live_run import as_percent, ask

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SETTINGS = """\
dataset: {world: objects, classes: 2, size_px: 32, train_images: 48, eval_images: 12}
stream: {setting: overlap, steps: [[1], [2]]}
config.data.crop_px: 32
config.optim.iterations: 6
config.optim.warmup_iterations: 1
config.execution.log_every: 2
"""
METHODS = ("eir/demo", "finetune/demo")
STAGES = 8  # two methods, two seeds, two steps
WIDE_PX = 1440
SCALES = "tiles => [...new Set(tiles.map(tile => new DOMMatrix(getComputedStyle(tile).transform).a))]"


def test_a_matrix_is_launched_watched_compared_and_exported_as_shown(
    page: Page, installation: Installation, witness: Witness, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": WIDE_PX, "height": 900})
    start_matrix(page)
    address = page.get_by_role("link", name="Compare them").get_attribute("href")
    page.get_by_role("list", name="experiments").get_by_role("link", name="eir/demo, tiny").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("eir/demo, tiny")
    expect(page).to_have_title("eir/demo, tiny · Palimpsest")
    runs = page.get_by_role("table", name="runs")
    expect(runs.get_by_role("link")).to_have_text(["seed 0", "seed 1"])
    # The page asks anew by itself.
    expect(runs.get_by_text("succeeded")).to_have_count(2, timeout=STAGES * STAGE_S * 1000)
    results = page.get_by_role("table", name="results")
    expect(results.get_by_text("n = 2").first).to_be_visible()
    means = [row[1] for row in cells_of(results)[1:]]
    found = ask(installation, f"/experiments/{page.url.rsplit('/', 1)[1]}/results")
    # Times and sizes have units of their own on the page.
    scores = [measure["unit"] for measure in found["measures"] if measure["is_main"]].index("s")
    (line,) = exported(page.get_by_role("region", name="Results"), tmp_path)
    assert means[:scores] == [shown(*statistic) for statistic in statistics(line[1:])][:scores]
    assert float(line[1]) == found["summary"][0]["mean"]
    every_step = page.get_by_role("region", name="Scores after every step")
    steps = cells_of(every_step.get_by_role("table"))[1:]
    assert [
        [step, *(shown(*statistic) for statistic in statistics(line))] for step, *line in exported(every_step, tmp_path)
    ] == [[step.removeprefix("step "), *("" if text == "·" else text for text in texts)] for step, *texts in steps]
    page.get_by_role("switch", name="single seeds").click()
    expect(page.get_by_text("eir/demo, tiny, seed 1").first).to_be_visible()
    assert unreadable(page) == []

    page.goto(str(address))
    # The other method's runs may still go on.
    expect(page.get_by_text("finished", exact=True)).to_have_count(2, timeout=STAGES * STAGE_S * 1000)
    compared = [row[: scores + 1] for row in cells_of(page.get_by_role("table", name="results"))[1:]]
    assert [row[0] for row in compared] == ["eir/demo, tiny", "finetune/demo, tiny"]
    assert compared == [
        [name, *(shown(*statistic) for statistic in statistics(line)[:scores])]
        for name, *line in exported(page.get_by_role("region", name="Results"), tmp_path)
    ]
    predictions = page.get_by_role("table", name="predictions by image and member")
    expect(predictions.get_by_role("row").nth(1).get_by_role("img")).to_have_count(4)
    page.get_by_role("button", name="enlarge all pictures").click()
    assert predictions.locator(".zoom-tile > div").evaluate_all(SCALES) == [2.0]
    expect(page.get_by_role("table", name="settings").get_by_text("/method", exact=True)).to_be_visible()
    assert unreadable(page) == []
    assert (witness.errors, witness.strangers) == ([], [])


def start_matrix(page: Page) -> None:
    page.goto("/launch")
    page.get_by_role("link", name="launch a matrix").click()
    field = page.get_by_role("combobox", name="Methods")
    for preset in METHODS:
        field.fill(preset)
        page.get_by_role("option", name=preset, exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_label("Seeds").fill("0, 1")
    page.get_by_role("button", name="Add an override").click()
    line = page.get_by_role("group", name="override 1")
    line.get_by_label("Name").fill("tiny")
    line.get_by_label("Settings").fill(SETTINGS)
    expect(page.get_by_text("2 experiments × 2 seeds = 4 runs")).to_be_visible()
    page.get_by_role("button", name="Start 4 runs").click()
    expect(page.get_by_text("4 runs of 2 experiments started.")).to_be_visible()


def cells_of(table: Locator) -> list[list[str]]:
    """Return the first line of every cell, and where there is one the number of seeds below it."""
    rows: list[list[str]] = table.locator("tr").evaluate_all(CELLS)
    return [[text.split("\n")[0].strip() for text in row] for row in rows]


def exported(region: Locator, folder: Path) -> list[list[str]]:
    """Download the table of a part of the page and return its rows without the head."""
    with region.page.expect_download() as download:
        region.get_by_role("link", name=re.compile(" as CSV$")).click()
    download.value.save_as(folder / "table.csv")
    with (folder / "table.csv").open(newline="") as file:
        return list(csv.reader(file))[1:]


def statistics(line: list[str]) -> list[tuple[str, str]]:
    """Return mean and deviation of each column of a line: the file has mean, std, n and of."""
    return list(zip(line[::4], line[1::4], strict=True))


def shown(mean: str, deviation: str) -> str:
    """Write a statistic of the file as the pages do."""
    if not mean or mean == "undefined":
        return mean
    return as_percent(float(mean)) + (f" ± {as_percent(float(deviation))}" if deviation else "")
