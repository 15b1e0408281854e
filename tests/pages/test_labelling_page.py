"""Somebody labels a round in the browser, and the run goes on by itself."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from palimpsest.client import models
from tests.support.accessibility import unreadable
from tests.support.browser import Witness
from tests.support.installation import STAGE_S, Installation
from tests.support.label_rounds import png
from tests.support.labelled_run import SEED, Person, waiting_round, with_rounds
from tests.support.live_run import ask
from tests.support.pages import LABELLING_PAGES, PageEntry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def asking(installation: Installation) -> models.WaitingRound:
    """A round of two queries that waits for people."""
    run = installation.client.submit(with_rounds(1, grace_s=3600), seed=SEED, name="labelled by people")
    return waiting_round(installation, run.id, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("entry", LABELLING_PAGES, ids=[entry.name for entry in LABELLING_PAGES])
def test_the_pages_of_a_round_that_waits_are_readable(
    page: Page, asking: models.WaitingRound, entry: PageEntry, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(entry.path.format(asking=asking.run_id, stage=asking.stage_id))
    expect(page.get_by_role(entry.landmark[0], name=entry.landmark[1])).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert unreadable(page) == []


def test_a_round_is_labelled_and_the_next_training_begins(
    page: Page, installation: Installation, asking: models.WaitingRound, witness: Witness
) -> None:
    person = Person(installation, "ann")
    first, second = installation.client.labelling.queries(asking.stage_id)
    page.goto("/labelling")
    page.get_by_role("link", name="label round 0 of labelled by people").click()
    page.get_by_label("Your name").fill("ann")
    page.get_by_role("button", name="Next query").click()
    shown = page.get_by_role("region", name="query")
    expect(shown.get_by_text(first.image)).to_be_visible()
    expect(shown.get_by_role("timer")).to_contain_text("yours for")

    # A mask of another size is refused beside the button, and the query stays.
    picker = page.locator("input[type=file]")
    picker.set_input_files({"name": "wrong.png", "mimeType": "image/png", "buffer": png(np.zeros((1, 1), np.uint8))})
    expect(page.get_by_text("is 1x1, its image is 48x32").first).to_be_visible()
    page.get_by_label("pixels without a class are meant").check()
    picker.set_input_files({"name": "mask.png", "mimeType": "image/png", "buffer": person.mask(first.image)})
    expect(shown.get_by_text(second.image)).to_be_visible()
    stored = ask(installation, f"/queries/{first.id}")
    assert (stored["state"], stored["author"], stored["annotations"][0]["source"]) == ("accepted", "ann", "person")
    address = f"/api/v1/queries/{first.id}/answer?version=1"
    assert installation.client.labelling.picture(address) == person.mask(first.image)

    expect(shown.get_by_text("The teacher reached")).to_be_visible()
    page.get_by_role("button", name="Accept the teacher's proposal").click()

    # The complete round waits: its last answer is taken back, and sent again as it was.
    expect(page.get_by_text("The round is complete")).to_be_visible()
    page.get_by_role("button", name="Undo the last answer").click()
    expect(shown.get_by_text(second.image)).to_be_visible()
    assert ask(installation, f"/queries/{second.id}")["state"] == "leased"
    page.get_by_role("button", name="Send your draft").click()
    page.get_by_role("button", name="Freeze them now").click()
    expect(page.get_by_text("This round is closed")).to_be_visible()
    ended = installation.client.wait(asking.run_id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    # Chromium itself writes the refused request to the console.
    assert [error for error in witness.errors if "422" not in error] == []
    assert witness.strangers == []


def test_the_run_shows_its_queries_and_what_they_brought(
    page: Page, installation: Installation, asking: models.WaitingRound, witness: Witness
) -> None:
    # Whatever the test before left: nobody is needed for the rest.
    if installation.client.run(asking.run_id).state == "waiting":
        installation.client.labelling.hand_to_oracle(asking.stage_id, "ann")
    assert installation.client.wait(asking.run_id, STAGE_S).state == "succeeded"
    batch = ask(installation, f"/runs/{asking.run_id}/rounds")["rounds"][0]["batch"]

    page.goto(f"/runs/{asking.run_id}?round=0")

    tiles = page.get_by_role("button", name="query ")
    expect(tiles).to_have_count(batch["queried"]["images"])
    expect(page.get_by_role("region", name="classes of the queried pixels")).to_be_visible()
    expect(page.get_by_role("heading", name="mIoU against labels")).to_be_visible()
    tiles.first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("forgetting")).to_have_count(0)
    assert (witness.errors, witness.strangers) == ([], [])


def test_what_is_unanswered_is_handed_to_the_oracle_by_mouse(
    page: Page, installation: Installation, witness: Witness
) -> None:
    run = installation.client.submit(with_rounds(1), seed=SEED + 1, name="handed over")
    stage_id = waiting_round(installation, run.id, 0).stage_id
    assert Person(installation, "ann").answer_one(stage_id) is not None

    page.goto(f"/runs/{run.id}?round=0")
    page.get_by_role("button", name="Let the oracle answer the rest").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 query is unanswered")
    dialog.get_by_label("Your name").fill("ann")
    dialog.get_by_role("button", name="Let the oracle answer").click()
    expect(dialog).to_have_count(0)

    ended = installation.client.wait(run.id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    expect(page.get_by_role("button", name="Let the oracle answer the rest")).to_have_count(0)
    authors = [
        ask(installation, f"/queries/{query.id}")["author"] for query in installation.client.labelling.queries(stage_id)
    ]
    assert sorted(authors) == ["ann", "oracle"]
    assert (witness.errors, witness.strangers) == ([], [])


def test_a_round_is_closed_and_opened_again_by_mouse_before_anybody_trains_on_it(
    page: Page, installation: Installation, witness: Witness
) -> None:
    run = installation.client.submit(with_rounds(1), seed=SEED + 2, name="opened again")
    stage_id = waiting_round(installation, run.id, 0).stage_id
    person = Person(installation, "ann")
    assert person.answer_one(stage_id) is not None
    page.goto(f"/runs/{run.id}?round=0")
    actions, dialog = page.get_by_role("group", name="actions on the round"), page.get_by_role("dialog")

    with installation.paused(installation.process("worker")):
        actions.get_by_role("button", name="Close round").click()
        expect(dialog).to_contain_text("1 query is unanswered")
        dialog.get_by_label("Your name").fill("ann")
        dialog.get_by_role("button", name="Close round").click()
        expect(actions.get_by_role("button", name="Close round")).to_have_count(0)
        actions.get_by_role("button", name="Open again").click()
        dialog.get_by_role("button", name="Open again").click()
        # The round that is open again shows its answers, to be revised or sent back.
        answers = page.get_by_role("list", name="answered queries")
        expect(answers.get_by_role("listitem")).to_have_count(1)
        expect(answers.get_by_role("button", name="revise the answer")).to_be_visible()
    assert installation.client.run(run.id).state == "waiting"

    assert person.answer_one(stage_id) is not None
    ended = installation.client.wait(run.id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    assert (witness.errors, witness.strangers) == ([], [])
