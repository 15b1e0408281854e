"""Nothing is cut or pushed out of sight: in a wide window, a narrow one, and enlarged to 200 %."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from core.errors import ReasonCode
from palimpsest.client import models
from tests.support.flow_run import SEED, shortened
from tests.support.installation import STAGE_S, Installation
from tests.support.labelled_run import with_rounds
from tests.support.layout import lost_text
from tests.support.pages import register_world
from tests.support.run_list import Listed, add_run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LONG_NAME = "Objects class-incremental 4-2-2-2, disjoint, replay memory of 40 instances, second attempt"
LONG_WORD = "a_dataset_of_a_laboratory_that_gives_its_folders_names_without_an_end_and_without_a_space"
CLASSES = 10
WIDE, NARROW, ENLARGED = (1440, 900), (768, 900), (720, 450)  # the last is a window of 1440 pixels at 200 %
RUNS_OR_CHANGES = re.compile(r"/api/v1/runs(/changes)?\?")
every_width = pytest.mark.parametrize("window", [WIDE, NARROW, ENLARGED], ids=["1440", "768", "200%"])


@pytest.fixture(scope="module")
def many_classes(installation: Installation) -> models.Run:
    """A run of ten classes and the background, in one short step."""
    document = shortened(steps=1)
    document["dataset"] = document["dataset"] | {"classes": CLASSES, "train_images": 24, "eval_images": 4}
    document["stream"] = {"steps": [list(range(1, CLASSES + 1))]}
    optim = document["config"]["optim"] | {"iterations": 2, "batch_size": 4, "warmup_iterations": 0}
    document["config"] = document["config"] | {"optim": optim}
    run = installation.client.submit(document, seed=SEED, name=LONG_NAME)
    ended = installation.client.wait(run.id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    return ended


@pytest.fixture(scope="module")
def listed(installation: Installation) -> list[str]:
    """Runs whose names, datasets, states and seeds need room; none of them can be taken by a worker."""
    listed = Listed(name=LONG_NAME, method="class_incremental_baseline", dataset=LONG_WORD, seed=2_147_483_647)
    columns = [
        {"state": "failed", "reason": reason, "message": "a long message of a run that failed"} for reason in ReasonCode
    ]
    return [add_run(installation.database, listed, **column) for column in columns]


@every_width
def test_the_list_of_runs_shows_states_methods_and_actions(
    page: Page, listed: list[str], window: tuple[int, int]
) -> None:
    page.route(RUNS_OR_CHANGES, with_time_left)
    show(page, "/runs?state=failed", window)
    row = page.get_by_role("row").filter(has_text="loss is NaN or infinite")
    expect(row).to_be_visible()
    expect(row).to_contain_text("23 h 59 min")
    expect(page.get_by_role("columnheader", name="Method")).to_be_visible()
    expect(row.get_by_role("link", name="Clone")).to_be_in_viewport(ratio=1)
    expect(row.get_by_title(LONG_NAME)).to_be_visible()
    expect(row.get_by_title(LONG_WORD)).to_be_visible()
    assert lost_text(page) == []


@every_width
def test_stages_of_a_run_of_rounds_are_told_by_their_whole_names(
    page: Page, installation: Installation, window: tuple[int, int]
) -> None:
    run = installation.client.submit(with_rounds(3), seed=SEED, name=LONG_NAME)
    installation.client.cancel(run.id)
    show(page, f"/runs/{run.id}", window)
    stages = page.get_by_role("list", name="stages").get_by_role("listitem")
    expect(stages).to_have_count(10)
    expect(stages.first).to_contain_text("0 · train, round 0")
    assert lost_text(page) == []


@every_width
def test_a_table_of_eleven_classes_is_read_without_a_scroll_bar_of_its_own(
    page: Page, many_classes: models.Run, window: tuple[int, int]
) -> None:
    show(page, f"/runs/{many_classes.id}", window)
    table = page.get_by_role("table", name="IoU by class and step")
    expect(table.get_by_role("row")).to_have_count(CLASSES + 4)  # a heading, the background, two means
    expect(page.get_by_role("table", name="predictions by image and step")).to_be_visible()
    assert lost_text(page) == []
    show(page, f"/runs/{many_classes.id}/memory", window)
    expect(page.get_by_role("table", name="stored instances by class and stage")).to_be_visible()
    assert lost_text(page) == []


@every_width
def test_a_long_name_of_a_dataset_leaves_its_state_in_place(
    page: Page, installation: Installation, window: tuple[int, int]
) -> None:
    options = {"classes": 3, "size_px": 32, "train_images": 4, "eval_images": 2}
    name = f"{LONG_WORD} {window[0]}"
    dataset = register_world(installation.client.base_url, name, **options)
    show(page, "/datasets", window)
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("cell").first.scroll_into_view_if_needed()  # rows of other tests may lie above it
    expect(row.get_by_text("ready")).to_be_in_viewport(ratio=1)
    assert lost_text(page) == []
    show(page, f"/datasets/{dataset}", window)
    expect(page.get_by_role("region", name="Images")).to_be_visible()
    assert lost_text(page) == []


@every_width
def test_launch_is_reached_from_every_field(page: Page, window: tuple[int, int]) -> None:
    show(page, "/launch", window)
    expect(page.get_by_text("Ready to launch")).to_be_visible()
    launch = page.get_by_role("button", name="Launch 1 run")
    settings = page.get_by_role("group", name="settings")
    for group in settings.get_by_role("button", expanded=False).all()[::-1]:
        group.click()
    fields = settings.get_by_role("textbox")
    expect(fields.last).to_be_visible()
    for field in (page.get_by_label("Name", exact=True), fields.first, fields.nth(fields.count() // 2), fields.last):
        field.focus()
        expect(field).to_be_in_viewport(ratio=1)
        expect(launch).to_be_in_viewport(ratio=1)
        assert (is_on_top(field), is_on_top(launch)) == (True, True)


def is_on_top(control: Locator) -> bool:
    """Whether a click into the middle of a control meets it, and nothing that lies over it."""
    on_top: bool = control.evaluate(
        """element => {
          const {left, top, width, height} = element.getBoundingClientRect();
          return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
        }"""
    )
    return on_top


def with_time_left(route: Route) -> None:
    """Let the list say that each run has almost a day left, which only runs can that train for as long."""
    answer = route.fetch()
    items = [run | {"seconds_left": 86_340} for run in answer.json()["items"]]
    route.fulfill(response=answer, json=answer.json() | {"items": items})


def show(page: Page, address: str, window: tuple[int, int]) -> None:
    """Open a page in a window of this size, and wait for its data."""
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
