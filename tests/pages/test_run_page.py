"""The page of a run: what it shows is what is stored, it acts on the run, and it outlives a server."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import undefer

from core.metrics.iou import class_iou
from palimpsest.client import models
from server.db.models import Evaluation, EvaluationRecord
from tests.support.browser import read_chart
from tests.support.flow_run import ITERATIONS, SEED, shortened
from tests.support.installation import STAGE_S, START_S, Installation
from tests.support.live_run import LOSSES, NOTHING, as_percent, expect_all_losses, hold, let_go, stored_curves
from tests.support.processes import is_pending
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STAGE_MS = STAGE_S * 1000
NO_ANSWER = re.compile("does not answer")
CLASSES = ("background", "ball", "crate")
GROUPS = {"all": "all classes", "old": "old classes", "new": "new classes", "harmonic": "harmonic mean of old and new"}
METRICS = ("miou_present", "miou")
FORGETTING = "mean forgetting"


def test_the_table_shows_what_the_api_and_the_stored_confusion_matrices_say(
    page: Page, installation: Installation, finished: models.Run
) -> None:
    page.goto(f"/runs/{finished.id}")
    rows = page.get_by_role("table", name="IoU by class and step").get_by_role("row")
    expect(rows).to_have_count(13)  # a heading, the background, two classes, eight means, forgetting
    shown = {
        cells[0]: [cell.split("\n")[0] for cell in cells[-2:]]
        for cells in rows.evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))")[1:]
    }

    assert shown == answered(installation.client.step_table(finished.id)) == recomputed(installation, finished.id)


def test_the_archive_of_a_run_is_saved_and_sent_by_buttons(page: Page, finished: models.Run, tmp_path: Path) -> None:
    page.goto(f"/runs/{finished.id}?tab=artifacts")
    with page.expect_download() as download:
        page.get_by_role("link", name="Whole run as ZIP").click()
    saved = tmp_path / "run.zip"
    download.value.save_as(saved)
    cut_off = tmp_path / "cut_off.zip"
    cut_off.write_bytes(saved.read_bytes()[:-100])

    page.goto("/runs")
    page.locator("input[type=file]").set_input_files(cut_off)
    expect(page.get_by_role("alert")).to_contain_text("ZIP")
    # The run is here already: it is opened.
    page.locator("input[type=file]").set_input_files(saved)
    page.wait_for_url(re.compile(f"/runs/{finished.id}$"))


def test_a_run_is_cancelled_and_resumed_by_its_buttons(page: Page, installation: Installation) -> None:
    run_id = installation.client.submit(shortened(steps=1), seed=SEED).id
    page.goto(f"/runs/{run_id}")
    pid = hold(installation, run_id, checkpoints=1)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop the run").click()
    expect(page.get_by_text("cancelling")).to_be_visible()
    wait_until(lambda: is_pending(pid, signal.SIGTERM), START_S, "the worker's request to stop")
    let_go(pid)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.get_by_role("list", name="stages").get_by_text("cancelled")).to_be_visible()
    assert installation.client.run(run_id).state == "cancelled"

    page.get_by_role("button", name="Resume").click()
    stages = page.get_by_role("list", name="stages")
    expect(stages.get_by_text(re.compile(r"attempt 2, from iteration \d+"))).to_be_visible(timeout=STAGE_MS)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=STAGE_MS)
    assert installation.client.run(run_id).state == "succeeded"
    assert installation.attempt_states(run_id) == [["cancelled", "succeeded"]]


def test_a_run_is_paused_and_resumed_by_its_buttons(page: Page, installation: Installation) -> None:
    run_id = installation.client.submit(shortened(steps=1), seed=SEED).id
    page.goto(f"/runs/{run_id}")
    pid = hold(installation, run_id, checkpoints=1)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("pauses at the next checkpoint")).to_be_visible()
    wait_until(lambda: is_pending(pid, signal.SIGTERM), START_S, "the worker's request to stop")
    let_go(pid)
    expect(page.get_by_text("paused", exact=True)).to_be_visible(timeout=STAGE_MS)
    expect(page.get_by_text("pauses at the next checkpoint")).to_have_count(0)
    assert installation.attempt_states(run_id) == [["yielded"]]

    page.get_by_role("button", name="Resume").click()
    stages = page.get_by_role("list", name="stages")
    expect(stages.get_by_text(re.compile(r"attempt 2, from iteration \d+"))).to_be_visible(timeout=STAGE_MS)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=STAGE_MS)
    assert installation.client.run(run_id).state == "succeeded"


def test_an_open_page_says_that_the_server_is_gone_and_goes_on_by_itself_when_it_is_back(
    page: Page, installation: Installation
) -> None:
    run_id = installation.client.submit(shortened(steps=2), seed=SEED).id
    page.goto(f"/runs/{run_id}")
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    pid = hold(installation, run_id, checkpoints=2)
    expect(page.get_by_role("img", name=LOSSES)).to_be_visible()
    assert list(read_chart(page, LOSSES)["loss"]) == [3]
    page.evaluate("window.isSamePage = true")

    installation.kill(installation.process("server"))
    expect(page.get_by_role("status").filter(has_text=NO_ANSWER)).to_be_visible()
    let_go(pid)
    wait_until(lambda: installation.stages(run_id)[0].state == "succeeded", STAGE_S, "the end of the first stage")
    installation.start_server()

    expect(page.get_by_role("status").filter(has_text=NO_ANSWER)).to_have_count(0)
    stages = page.get_by_role("list", name="stages")
    expect(stages.get_by_text("succeeded")).to_have_count(2, timeout=STAGE_MS)
    expect_all_losses(page, installation, run_id)
    curves = read_chart(page, LOSSES)
    assert list(curves["loss"]) == [stage * ITERATIONS + point for stage in (0, 1) for point in (3, 6, 9, 10)]
    assert curves == stored_curves(installation, run_id, list(curves))
    assert page.evaluate("window.isSamePage") is True


def test_eight_tabs_of_a_run_that_goes_on_all_work(page: Page, installation: Installation) -> None:
    run_id = installation.client.submit(shortened(steps=1), seed=SEED).id
    pid = hold(installation, run_id, checkpoints=1)
    tabs = [page, *(page.context.new_page() for _ in range(7))]
    for tab in tabs:
        tab.goto(f"/runs/{run_id}")
        expect(tab.get_by_role("status").filter(has_text=re.compile("live$|other tabs"))).to_be_visible()
    live = [tab for tab in tabs if tab.get_by_role("status").filter(has_text=re.compile("live$")).count()]
    assert len(live) == 3  # of the six connections that a browser gives a service

    let_go(pid)
    for tab in tabs:
        expect(tab.get_by_role("list", name="stages").get_by_text("succeeded")).to_be_visible(timeout=STAGE_MS)


def answered(table: models.StepTable) -> dict[str, list[str]]:
    """Return the lines of the table as the API has them."""
    classes = {
        column.name: [as_cell(row.iou[place]) for row in table.steps] for place, column in enumerate(table.classes)
    }
    means = {
        f"{mean.metric}, {GROUPS[mean.group]}": [as_percent(value) for value in mean.values] for mean in table.means
    }
    return classes | means | {FORGETTING: [as_percent(row.forgetting) for row in table.steps]}


def recomputed(installation: Installation, run_id: str) -> dict[str, list[str]]:
    """Return the lines of the table as they follow from the stored confusion matrices of two steps of a class each."""
    with installation.database.read() as session:
        rows = session.scalars(
            select(EvaluationRecord)
            .join(Evaluation, EvaluationRecord.evaluation_id == Evaluation.id)
            .where(Evaluation.run_id == run_id)
            .order_by(Evaluation.step)
            .options(undefer(EvaluationRecord.content))
        ).all()
    first, second = (class_iou(np.array(json.loads(row.content or b"")["matrix"])) for row in rows)
    assert (len(first), len(second)) == (2, 3)  # the background and the classes so far
    old, new = second[:2].mean(), second[2]
    means = {
        "all": [first.mean(), second.mean()],
        "old": [None, old],
        "new": [None, new],
        "harmonic": [None, 2 * old * new / (old + new)],
    }
    # The test images show every class, so that both metrics say the same.
    overall = {f"{metric}, {GROUPS[group]}": mean for metric in METRICS for group, mean in means.items()}
    overall[FORGETTING] = [None, first[1] - second[1]]
    values = [[first[0], second[0]], [first[1], second[1]], [None, second[2]]]
    classes = {name: [as_cell(iou) for iou in ious] for name, ious in zip(CLASSES, values, strict=True)}
    return classes | {title: [as_percent(value) for value in values] for title, values in overall.items()}


def as_cell(iou: float | None) -> str:
    """Write an IoU as the table does."""
    return "·" if as_percent(iou) == NOTHING else as_percent(iou)
