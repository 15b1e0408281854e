"""A database that an older version filled is upgraded, and the API gives the same numbers.

`tests/fixtures/upgrade/<revision>.json.xz` holds rows and recorded answers; `python -m scripts.upgrade_fixture` writes
one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from server.settings import Settings
from tests.support.upgrade.answers import read_whole
from tests.support.upgrade.fixture import FOLDER, SUFFIX, FilledDatabase, read
from tests.support.upgrade.restored import answering, restore
from tests.support.upgrade.rules import Allowed, Rule, differences, expected, places

MOVED_ADDRESSES: tuple[tuple[str, str], ...] = ()
"""(regular expression, replacement) for addresses that are now elsewhere, such as `("/rounds$", "/label-rounds")`."""

RULES: tuple[Rule, ...] = (
    # A run stands with the headline of its method, `score`, whatever its metric; that of segmentation leaves out
    # classes that no test image shows. The published mean stands in its step table.
    Rule(r"/api/v1/runs(/[^/]+)?(\?.*)?$", "**/miou_all", None),
    Rule(r"/api/v1/runs(/[^/]+)?(\?.*)?$", "**/best_miou_all", None),
    # Likewise rounds; the published mean stands in the step table.
    Rule(r"/api/v1/runs/[^/]+/rounds", "rounds/*/miou", None),
    Rule(r"/api/v1/runs/[^/]+/rounds", "rounds/*/miou_student", None),
    Rule(r"/api/v1/runs/[^/]+/rounds", "rounds/*/questions/gain", None),
    # Classes without a palette of their own have colours that can be told apart.
    Rule(r"/api/v1/datasets/", "**/colour", None),
    # What a round queries is its batch of queries.
    Rule(r"/api/v1/runs/[^/]+/rounds", "rounds/*/questions/asked", "queried"),
    Rule(r"/api/v1/runs/[^/]+/rounds", "rounds/*/questions", "batch"),
    # Panels of a run of rounds drew every labelled pixel as not learned yet.
    Rule(r"/api/v1/runs/[^/]+/predictions", "classes/*/step_learned", "step_learned", {None: 0}),
)
"""Fields of recorded answers that are elsewhere now, or gone on purpose; everything else must be there with its value.

    Rule(r"/api/v1/runs/[^/]+/scores", "items/*/step", "at/step"),   # moved, seen from the object that held it
    Rule("", "**/draft_url", "proposal_url"),                        # renamed, in every answer and at any depth
    Rule("/api/v1/runs", "**/stream", "stream", {"old": "new"}),     # the same field says it in other words
    Rule("/api/v1/datasets", "**/is_waiting", None),                 # gone
"""

LONGER_LISTS: tuple[tuple[str, str], ...] = (
    ("/api/v1/runs/[^/]+/scores", "items/*/scores"),  # undefined scores are rows, too
    ("/api/v1/evaluations/", "scores"),
)
"""Lists that a newer version adds items to, such as `("/api/v1/evaluations/", "scores")`; others keep their length."""

UNDEFINED_NOW: tuple[tuple[str, str], ...] = (
    ("/api/v1/runs/[^/]+/step-table", "steps/*/iou/*"),
    ("/api/v1/runs/[^/]+/step-table", "steps/*/drop/*"),
)
"""Numbers that were 0 for a class that no test image shows, and are null now."""

FIXTURES = sorted(FOLDER.glob(f"*{SUFFIX}"))
SHOWN = 20


@pytest.fixture(params=FIXTURES, ids=lambda path: path.name.removesuffix(SUFFIX))
def filled(request: pytest.FixtureRequest) -> FilledDatabase:
    """What each older version left behind in turn."""
    return read(request.param)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty service on each engine in turn."""
    options: dict[str, Any] = {"home": tmp_path / "home", "sqlite_synchronous": "NORMAL"}
    if request.param == "postgresql":
        options["database_url"] = request.getfixturevalue("postgres_url")
    return Settings(**options)


def changed_answers(filled: FilledDatabase, settings: Settings) -> list[str]:
    """Return what the API says otherwise than the version that filled the database, with the addresses."""
    found = []
    with answering(settings) as http:
        for address, recorded in filled.answers.items():
            present = address
            for pattern, replacement in MOVED_ADDRESSES:
                present = re.sub(pattern, replacement, present)
            wanted = expected(address, recorded, RULES)
            answer = read_whole(http, present, settings.home)
            allowed = Allowed(places(address, LONGER_LISTS), places(address, UNDEFINED_NOW))
            changed = differences(wanted, answer, allowed)
            found += [f"{present} {difference}" for difference in changed]
    return found


def test_there_is_a_database_of_the_first_version_with_every_kind_of_row() -> None:
    filled = read(FOLDER / f"0002{SUFFIX}")

    assert [name for name, rows in filled.rows.items() if not rows] == []
    assert sorted({run["state"] for run in filled.rows["run"]}) == ["cancelled", "succeeded", "waiting"]
    assert len(filled.answers) > 200


@pytest.mark.parametrize("way", [["head"], ["head", "down", "head"]], ids=["up", "up-down-up"])
def test_the_api_gives_the_same_numbers_after_the_upgrade(
    filled: FilledDatabase, settings: Settings, way: list[str]
) -> None:
    restore(filled, settings, [filled.revision if step == "down" else step for step in way])

    changed = changed_answers(filled, settings)

    assert not changed, "\n".join([f"{len(changed)} differences:", *changed[:SHOWN]])


def test_a_rule_moves_renames_rewrites_and_removes_fields_of_recorded_answers() -> None:
    rules = [
        Rule("/runs", "items/*/step", "at/step"),
        Rule("", "**/draft_url", "proposal_url"),
        Rule("/runs", "items/*/progress/fraction", "../done"),
        Rule("/runs", "kind", "kind", {"draft": "proposal"}),
        Rule("/runs", "old", None),
        Rule("/other", "next", None),
    ]
    recorded = {
        "items": [{"step": 2, "draft_url": "/a", "progress": {"fraction": 0.5, "stages": 1}}],
        "kind": "draft",
        "old": [1],
        "next": None,
    }

    assert expected("/runs/1", recorded, rules) == {
        "items": [{"at": {"step": 2}, "proposal_url": "/a", "done": 0.5, "progress": {"stages": 1}}],
        "kind": "proposal",
        "next": None,
    }


@pytest.mark.parametrize(
    ("recorded", "found", "said"),
    [
        ({"a": 1}, {"a": 1.0, "b": 2}, []),
        ({"a": 0.1 + 0.2}, {"a": 0.3}, []),
        ({"a": 0.3}, {"a": 0.31}, ["/a: was 0.3, is 0.31"]),
        ({"a": None}, {"b": None}, ["/a: was None, is missing"]),
        ({"a": 1}, {"a": True}, ["/a: was 1, is True"]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, ["/a/0/b: was 1, is 2"]),
        ([1, 2], [1], ["/: was 2 items, is 1 items"]),
    ],
)
def test_what_is_recorded_must_be_there_and_more_may_be(recorded: Any, found: Any, said: list[str]) -> None:
    assert list(differences(recorded, found)) == said


def test_a_list_that_may_grow_keeps_its_items_in_their_order() -> None:
    may_grow = Allowed(may_grow=places("/runs/1", [("/runs", "scores"), ("/other", "kept")]))
    recorded = {"scores": [{"a": 1}, {"a": 2}], "kept": [1]}

    assert list(differences(recorded, {"scores": [{"a": 0}, {"a": 1}, {"a": 2, "b": 3}], "kept": [1]}, may_grow)) == []
    assert list(differences(recorded, {"scores": [{"a": 2}, {"a": 1}], "kept": [1, 2]}, may_grow)) == [
        "/scores/1: was {'a': 2}, is not among 2 items, or not in this order",
        "/kept: was 1 items, is 2 items",
    ]


def test_a_number_that_may_be_undefined_was_zero() -> None:
    allowed = Allowed(may_be_undefined=places("/runs/1", [("/runs", "iou/*")]))

    assert list(differences({"iou": [0.0, 0.5]}, {"iou": [None, 0.5]}, allowed)) == []
    assert list(differences({"iou": [0.0, 0.5]}, {"iou": [0.0, None]}, allowed)) == ["/iou/1: was 0.5, is None"]
    assert list(differences({"drop": [0.0]}, {"drop": [None]}, allowed)) == ["/drop/0: was 0.0, is None"]
