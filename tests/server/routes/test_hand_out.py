"""Who answers what, how far they agree, and what happened: one by one, and ten people at once (ACC-9)."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage
from sqlalchemy import select

from server.db.models import Annotation, Assignment, Query, Stage
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.annotators import Annotator
from tests.support.label_rounds import filled, make_waiting_round, png, query_ids
from tests.support.serving import application, pointers, problem, serve

IMAGES = ("ulm_1", "bonn_2")
ANN, BOB, EVE = ({"author": name} for name in ("ann", "bob", "eve"))
CHANGE: dict[str, Any] = {
    "author": "eve",
    "assignment": "pull",
    "annotators": [],
    "instructions": "Kerbs are **road**.",
    "class_instructions": {"sky": "Wires too."},
}


@pytest.fixture
def make(database: Database, storage: LocalStorage, tmp_path: Path) -> Callable[..., Stage]:
    """Make a round of two queries that is handed out in a way of its own."""
    return lambda **hand_out: make_waiting_round(database, storage, tmp_path / "asked", IMAGES, hand_out=hand_out)


def answer(http: httpx.Client, key: str, author: str, labels: np.ndarray, **terms: Any) -> httpx.Response:
    headers, params = {"Content-Type": "image/png"}, {"author": author, "seconds": 2, "clicks": 5, **terms}
    return http.post(f"/queries/{key}/annotations", content=png(labels), headers=headers, params=params)


def half(value: int) -> np.ndarray:
    """Return road with its upper half of another class."""
    labels = filled(3)
    labels[:3] = value
    return labels


def test_a_round_tells_people_what_to_do_and_who_did_what(http: httpx.Client, make: Callable[..., Stage]) -> None:
    stage = make(overlap=2, instructions="Label **all**.", class_instructions={"road": "Kerbs too."})
    key = query_ids(stage.run_id, IMAGES)[0]
    http.post(f"/stages/{stage.id}/queries/next", json=BOB)
    answer(http, key, "ann", filled())

    told = http.get(f"/stages/{stage.id}/hand-out").json()
    changed = http.put(f"/stages/{stage.id}/hand-out", json=CHANGE).json()

    assert (told["overlap"], told["instructions"], told["class_instructions"]) == (
        2, "Label **all**.", {"road": "Kerbs too."}
    )  # fmt: skip
    work = {"assigned": 0, "leased": 0, "answered": 0, "skipped": 0, "clicks": 0, "seconds": 0}
    assert told["people"] == [
        {**work, "author": "ann", "answered": 1, "clicks": 5, "seconds": 2},
        {**work, "author": "bob", "leased": 1},
    ]
    assert (changed["instructions"], changed["class_instructions"]) == ("Kerbs are **road**.", {"sky": "Wires too."})


def test_a_round_is_handed_to_other_people_and_work_that_began_stays(
    http: httpx.Client, make: Callable[..., Stage]
) -> None:
    stage = make(assignment="fixed", annotators=["ann", "bob"])
    first, second = query_ids(stage.run_id, IMAGES)
    http.post(f"/stages/{stage.id}/queries/next", json=ANN)

    moved = http.put(
        f"/stages/{stage.id}/hand-out", json={**CHANGE, "assignment": "fixed", "annotators": ["cy"]}
    ).json()

    assert {one["author"]: (one["assigned"], one["leased"]) for one in moved["people"]} == {"ann": (0, 1), "cy": (1, 0)}
    assert http.post(f"/stages/{stage.id}/queries/next", json=BOB).json()["query"] is None
    assert http.post(f"/stages/{stage.id}/queries/next", json={"author": "cy"}).json()["query"]["id"] == second
    assert answer(http, first, "ann", filled()).status_code == 201
    lost = problem(answer(http, second, "bob", filled()), 409, "lease-lost")
    assert "is not leased to 'bob'" in lost["detail"]
    for change, pointer in (
        ({"annotators": []}, "/annotators"),
        ({"annotators": ["cy", "cy"]}, "/annotators"),
        ({"class_instructions": {"moon": "round"}, "annotators": ["cy"]}, "/class_instructions"),
    ):
        body = {**CHANGE, "assignment": "fixed", **change}
        assert pointers(http.put(f"/stages/{stage.id}/hand-out", json=body)) == [pointer]


def test_nobody_sees_the_answers_of_others_before_the_label_is_made(
    http: httpx.Client, make: Callable[..., Stage]
) -> None:
    stage = make(overlap=2)
    key = query_ids(stage.run_id, IMAGES)[0]
    answer(http, key, "ann", filled())
    http.post(f"/queries/{key}/comments", json={**ANN, "text": "a sign?", "x": 3, "y": 1})
    http.post(f"/queries/{key}/comments", json={**EVE, "text": "yes"})

    seen = http.post(f"/stages/{stage.id}/queries/next", json=BOB).json()["query"]
    comments = http.get(f"/queries/{key}/comments", params={"viewer": "bob"}).json()["items"]

    assert (seen["id"], seen["annotations"], seen["drafts"], seen["history"]) == (key, [], [], [])
    assert (seen["answers"], [row["author"] for row in seen["assignments"]]) == (1, ["bob"])
    assert [comment["text"] for comment in comments] == ["yes"]
    assert len(http.get(f"/queries/{key}").json()["annotations"]) == 1
    answer(http, key, "bob", filled())
    shown = http.get(f"/queries/{key}", params={"viewer": "bob"}).json()
    assert [one["author"] for one in shown["annotations"]] == ["ann", "bob", "consensus"]
    assert (shown["state"], shown["annotations"][2]["parents"]) == ("accepted", [1, 2])


def test_agreement_is_told_for_a_query_and_its_round(http: httpx.Client, make: Callable[..., Stage]) -> None:
    stage = make(overlap=2)
    first, second = query_ids(stage.run_id, IMAGES)
    empty = http.get(f"/stages/{stage.id}/agreement").json()
    for key, theirs in ((first, half(3)), (second, half(7))):
        answer(http, key, "ann", half(7))
        answer(http, key, "bob", theirs)

    one = http.get(f"/queries/{first}/agreement").json()
    told = http.get(f"/stages/{stage.id}/agreement").json()
    heat = np.asarray(PILImage.open(io.BytesIO(http.get(f"/queries/{first}/disagreement").content)))

    assert (empty["queries"], empty["pixel_agreement"], empty["pairs"]) == (0, None, [])
    assert (one["pixel_agreement"], one["mean_iou"]) == (0.5, 0.25)
    assert {row["name"]: row["iou"] for row in one["classes"]} == {"road": 0.5, "sky": 0.0}
    assert (told["queries"], told["pixel_agreement"], told["pairs"][0]["queries"]) == (2, 0.75, 2)
    assert {row["name"]: row["iou"] for row in told["classes"]} == {"road": 48 / 72, "sky": 0.5}
    assert heat.tolist() == [[255] * 8] * 3 + [[0] * 8] * 3
    labels = http.get(http.get(f"/queries/{first}").json()["answer_url"].removeprefix("/api/v1")).content
    assert np.asarray(PILImage.open(io.BytesIO(labels))).tolist() == [[255] * 8] * 3 + [[3] * 8] * 3


def test_what_two_people_skip_goes_to_a_researcher(http: httpx.Client, make: Callable[..., Stage]) -> None:
    stage = make()
    keys = query_ids(stage.run_id, IMAGES)
    for person in (ANN, BOB):
        for key in keys:
            http.post(f"/queries/{key}/lease", json=person)
            http.post(f"/stages/{stage.id}/queries/next", json=person)
            http.post(f"/queries/{key}/skip", json={**person, "reason": "dark"})
    shown = http.get(f"/queries/{keys[0]}").json()

    assert shown["state"] == "in_review"
    assert [(row["author"], row["reason"]) for row in shown["assignments"]] == [("ann", "dark"), ("bob", "dark")]
    problem(answer(http, keys[0], "ann", filled()), 409, "lease-lost")
    left = http.post(f"/queries/{keys[1]}/skip", json={**EVE, "reason": "no use", "review": True}).json()
    decided = answer(http, keys[0], "eve", filled(), review=True).json()
    assert (left["state"], decided["annotation"]["author"], decided["is_round_closed"]) == ("skipped", "eve", True)


def test_a_researcher_accepts_what_is_tied(http: httpx.Client, make: Callable[..., Stage]) -> None:
    stage = make(overlap=2, ties="review")
    key = query_ids(stage.run_id, IMAGES)[0]
    answer(http, key, "ann", half(7))
    answer(http, key, "bob", half(3))
    assert http.get(f"/queries/{key}").json()["state"] == "in_review"

    accepted = http.post(f"/queries/{key}/accept", json=EVE).json()

    assert (accepted["state"], accepted["version"]) == ("accepted", 3)
    problem(http.post(f"/queries/{key}/accept", json=EVE), 409, "illegal-transition")


def test_comments_name_a_point_of_the_image_and_are_dealt_with_once(
    http: httpx.Client, make: Callable[..., Stage]
) -> None:
    key = query_ids(make().run_id, IMAGES)[0]
    said = http.post(f"/queries/{key}/comments", json={**ANN, "text": "a sign?", "x": 7, "y": 5})

    done = [http.post(f"/comments/{said.json()['id']}/resolve", json=person).json() for person in (EVE, BOB)]

    assert said.status_code == 201
    assert [one["resolved_by"] for one in done] == ["eve", "eve"]
    assert pointers(http.post(f"/queries/{key}/comments", json={**ANN, "text": "?", "x": 8, "y": 0})) == ["/x"]
    assert pointers(http.post(f"/queries/{key}/comments", json={**ANN, "text": "?", "x": 1})) == ["/x"]
    problem(http.post("/comments/01890000-0000-7000-8000-000000000000/resolve", json=EVE), 404, "not-found")


def test_the_trail_of_a_query_names_who_did_what(http: httpx.Client, make: Callable[..., Stage]) -> None:
    stage = make(overlap=2)
    keys = query_ids(stage.run_id, IMAGES)
    http.post(f"/stages/{stage.id}/queries/next", json=ANN)
    http.put(f"/queries/{keys[0]}/draft", json={**BOB, "tiles": []}, headers={"If-Match": '"0"'})
    for key in keys:
        for person in ("ann", "bob"):
            answer(http, key, person, filled())

    entries = http.get(f"/queries/{keys[0]}/audit").json()["entries"]

    told = [(entry["who"], entry["what"], entry["version"], entry["pixels"]) for entry in entries]
    for expected in (
        ("user:ann", "answered", 1, 48),
        ("user:bob", "answered", 2, 48),
        ("consensus", "answered", 3, 48),
        ("system", "frozen", 3, None),
    ):
        assert expected in told
    assert next(entry["who"] for entry in entries if entry["what"] == "moved") == "user:ann"
    assert http.get(f"/queries/{keys[0]}").json()["is_frozen"] is True
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)


PEOPLE, LEASE_S, CRASH_SHARE = 10, 1.5, 0.08
QUERIES = {"sqlite": 200, "postgresql": 60}
"""Fewer where each statement crosses a socket; whether two statements collide does not depend on their number."""


@pytest.mark.timeout(300)
def test_every_query_gets_exactly_two_independent_answers(any_database: Database, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", item_lease_s=LEASE_S, sqlite_synchronous="NORMAL")
    number = QUERIES[any_database.url.partition(":")[0].partition("+")[0]]
    images = [f"ulm_{place:03}" for place in range(number)]
    storage = LocalStorage(settings.storage_folder)
    stage = make_waiting_round(any_database, storage, tmp_path / "asked", images, hand_out={"overlap": 2})
    with serve(application(settings, any_database)) as service:
        people = [Annotator(service.address, stage.id, f"person-{one}", CRASH_SHARE) for one in range(PEOPLE)]
        threads = [threading.Thread(target=person.work) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with any_database.read() as session:
        queries = session.scalars(select(Query).where(Query.stage_id == stage.id)).all()
        answers = session.scalars(select(Annotation).where(Annotation.stage_id == stage.id)).all()
        given = session.scalars(select(Assignment).where(Assignment.stage_id == stage.id)).all()
        state = session.get_one(Stage, stage.id).state
    assert (state, Counter(query.state for query in queries)) == ("succeeded", {"accepted": number})
    by_people = [(answer.query_id, answer.author) for answer in answers if answer.source == "person"]
    assert len(set(by_people)) == len(by_people)
    assert Counter(Counter(key for key, _ in by_people).values()) == {2: number}
    assert sorted((row.query_id, row.author) for row in given) == sorted(by_people)
    made = {answer.query_id: answer.parents for answer in answers if answer.source == "consensus"}
    assert [len(parents) for parents in made.values()] == [2] * number
    # What was acknowledged is there, whatever went wrong later.
    stored = {(answer.query_id, answer.author): answer.version for answer in answers}
    for person in people:
        for key, version in person.acknowledged.items():
            assert stored[key, person.name] == version
    assert sum(person.crashes for person in people) > 0


def test_comments_of_a_round_are_listed_page_by_page_as_far_as_the_viewer_may_see_them(
    http: httpx.Client, make: Callable[..., Stage]
) -> None:
    stage = make(overlap=2)
    first, second = query_ids(stage.run_id, IMAGES)
    answer(http, first, "ann", filled())
    for key, person, text in ((first, ANN, "a sign?"), (first, EVE, "yes"), (second, ANN, "dark")):
        http.post(f"/queries/{key}/comments", json={**person, "text": text, "x": 3, "y": 1})

    def listed(**params: Any) -> tuple[list[tuple[str, int, str]], str | None]:
        page = http.get(f"/stages/{stage.id}/comments", params=params).json()
        return [(one["image"], one["rank"], one["text"]) for one in page["items"]], page["next_cursor"]

    every = [("bonn_2", 1, "dark"), ("ulm_1", 0, "yes"), ("ulm_1", 0, "a sign?")]
    assert listed() == (every, None)
    page, cursor = listed(limit=2)
    assert (page, listed(cursor=cursor)) == (every[:2], (every[2:], None))
    # Bob answers the first query independently of Ann; the second one nobody has begun.
    assert listed(viewer="bob")[0] == every[:2]
    assert pointers(http.get(f"/stages/{stage.id}/comments", params={"cursor": "x"})) == ["/cursor"]
    problem(http.get("/stages/01890000-0000-7000-8000-000000000000/comments"), 404, "not-found")
