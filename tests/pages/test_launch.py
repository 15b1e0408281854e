"""From the Launch page to a trained run, by mouse and by keyboard."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from palimpsest.client import models
from tests.support.browser import Witness, read_chart
from tests.support.flow_run import ITERATIONS, SEED, shortened
from tests.support.installation import STAGE_S, Installation
from tests.support.live_run import LOSSES, hold, let_go, stored_curves

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

DOCUMENT = json.dumps(shortened(steps=1), indent=2)
RUN_ADDRESS = re.compile(r"/runs/([^/?#]+)$")
ENOUGH_TABS = 80


def test_a_run_is_launched_by_mouse_and_followed_to_its_end(
    page: Page, installation: Installation, witness: Witness
) -> None:
    page.goto("/runs")
    page.get_by_role("link", name="Launch a run").click()
    page.get_by_text("YAML or JSON", exact=True).click()
    page.get_by_label("Experiment document").fill(DOCUMENT)
    page.get_by_label("Name", exact=True).fill("by mouse")
    page.get_by_label("Seeds", exact=True).fill(str(SEED))
    page.get_by_role("button", name="Launch 1 run").click()
    page.wait_for_url(RUN_ADDRESS)
    run_id = opened_run(page)

    expect(page.get_by_role("heading", name="by mouse")).to_be_visible()
    pid = hold(installation, run_id, checkpoints=2)
    # Two checkpoints are four iterations, and a point comes after three.
    expect(page.get_by_role("img", name=LOSSES)).to_be_visible()
    assert list(read_chart(page, LOSSES)["loss"]) == [3]
    let_go(pid)

    expect(page.get_by_text("succeeded")).to_have_count(2, timeout=STAGE_S * 1000)  # the run, and its one stage
    curves = read_chart(page, LOSSES)
    assert list(curves["loss"]) == [3, 6, 9, ITERATIONS]
    assert curves == stored_curves(installation, run_id, list(curves))
    run = installation.client.run(run_id)
    assert (run.state, run.seed, run.experiment_name) == ("succeeded", SEED, "by mouse")
    assert (witness.errors, witness.strangers) == ([], [])


def test_a_run_is_launched_and_cancelled_with_the_keyboard_alone(page: Page, installation: Installation) -> None:
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    keys = page.keyboard
    keys.press("n")
    expect(page.get_by_text("Ready to launch")).to_be_visible()
    press_until_focused(page, "Tab", "radio", "Form")
    keys.press("ArrowRight")
    press_until_focused(page, "Tab", "textbox", "Experiment document")
    keys.press("ControlOrMeta+a")
    keys.insert_text(DOCUMENT)
    press_until_focused(page, "Shift+Tab", "textbox", "Seeds")
    keys.press("ControlOrMeta+a")
    keys.type(str(SEED))
    expect(page.get_by_role("button", name="Launch 1 run")).to_be_enabled()
    press_until_focused(page, "Tab", "button", "Launch 1 run")
    keys.press("Enter")
    page.wait_for_url(RUN_ADDRESS)

    expect(page.get_by_role("button", name="Cancel")).to_be_enabled()
    keys.press("c")
    expect(page.get_by_role("dialog").get_by_role("button", name="Keep as it is")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("dialog").get_by_role("button", name="Stop the run")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=STAGE_S * 1000)
    run = installation.client.run(opened_run(page))
    assert (run.state, run.seed, len(run.stages)) == ("cancelled", SEED, 1)


def test_the_verdict_beside_the_form_is_not_cut_in_a_low_window(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto("/launch")
    verdict = page.get_by_role("alert").filter(has_text="Ready to launch")
    expect(verdict).to_be_visible()
    shown, needed = verdict.evaluate("element => [element.clientHeight, element.scrollHeight]")
    assert shown == needed


def opened_run(page: Page) -> str:
    """Return the id of the run whose page is open."""
    found = RUN_ADDRESS.search(page.url)
    assert found is not None
    return found[1]


def press_until_focused(page: Page, key: str, role: str, name: str) -> None:
    """Press a key until the focus has reached a control."""
    control = page.get_by_role(role, name=name)
    expect(control).to_be_attached()
    for _ in range(ENOUGH_TABS):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to the {role} {name!r}")


def test_a_run_is_branched_from_a_finished_stage_and_both_pages_tell_it(
    page: Page, installation: Installation, finished: models.Run
) -> None:
    page.goto(f"/runs/{finished.id}")
    links = page.get_by_role("list", name="stages").get_by_role("link", name="Branch from here…")
    expect(links).to_have_count(1)  # nothing is left to do after the last step
    links.click()
    page.wait_for_url(re.compile(f"/launch\\?branch={finished.id}&after=0$"))
    expect(page.get_by_text("Ready to launch")).to_be_visible()
    assert page.get_by_label("Seeds", exact=True).input_value() == str(SEED)
    page.get_by_label("Name", exact=True).fill("from step 0")
    page.get_by_role("button", name="Launch 1 run").click()
    page.wait_for_url(RUN_ADDRESS)
    branch_id = opened_run(page)

    expect(page.get_by_text(f"Branched from finished run, seed {SEED} after step 0.")).to_be_visible()
    stages = page.get_by_role("list", name="stages")
    expect(stages.get_by_text("skipped")).to_be_visible()
    expect(stages.get_by_text("succeeded")).to_be_visible(timeout=STAGE_S * 1000)
    assert installation.client.wait(branch_id, STAGE_S).score == installation.client.run(finished.id).score
    stages.get_by_role("link", name="another run").click()
    page.wait_for_url(re.compile(f"/runs/{finished.id}$"))
    expect(page.get_by_text("Branches: from step 0 after step 0 (succeeded)")).to_be_visible()


def test_a_trained_model_is_tested_again_and_both_pages_tell_it(
    page: Page, installation: Installation, finished: models.Run
) -> None:
    page.goto(f"/runs/{finished.id}")
    page.get_by_role("list", name="stages").get_by_role("link", name="Test on other data…").last.click()
    page.wait_for_url(re.compile(f"/launch\\?test={finished.stages[-1].id}$"))
    expect(page.get_by_role("heading", name="Test sets")).to_be_visible()
    expect(page.get_by_text("Ready to launch")).to_be_visible()
    page.get_by_role("button", name="Launch 1 run").click()
    page.wait_for_url(RUN_ADDRESS)
    tested = installation.client.wait(opened_run(page), STAGE_S)

    assert (tested.state, tested.score) == ("succeeded", installation.client.run(finished.id).score)
    page.get_by_role("link", name=f"finished run, seed {SEED}").click()
    page.wait_for_url(re.compile(f"/runs/{finished.id}$"))
    row = page.get_by_role("table", name="tests on other data").get_by_role("row").last
    expect(row).to_contain_text("succeeded")
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(f"/runs/{tested.id}$"))
