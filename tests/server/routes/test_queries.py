from __future__ import annotations

import io
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from server.db.models import Query, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import HEIGHT, WIDTH, filled, make_waiting_round, png, query_ids
from tests.support.serving import pointers, problem

IMAGES = ("ulm_1", "bonn_2", "ulm_3")
UNKNOWN_STAGE = "01890000-0000-7000-8000-000000000000"
ANN = {"author": "ann"}


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that waits for people; the whole images are asked for."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES)


@pytest.fixture
def regions(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that asks for the left half of each image."""
    left = np.zeros((HEIGHT, WIDTH), np.bool_)
    left[:, :4] = True
    return make_waiting_round(database, storage, tmp_path / "regions", IMAGES, region=left)


def test_queries_are_listed_by_rank_page_by_page(http: httpx.Client, stage: Stage) -> None:
    first = http.get(f"/stages/{stage.id}/queries", params={"limit": 2}).json()
    second = http.get(f"/stages/{stage.id}/queries", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [query["image"] for query in first["items"] + second["items"]] == list(IMAGES)
    assert second["next_cursor"] is None
    assert first["counts"] == {
        "open": 3, "leased": 0, "submitted": 0, "in_review": 0, "accepted": 0, "rejected": 0, "skipped": 0,
        "withdrawn": 0,
    }  # fmt: skip
    assert ([one["name"] for one in first["classes"]], first["ignore_id"]) == (["road", "sky"], 255)


@pytest.mark.parametrize("sort", ["rank", "image", "group", "pixels", "class"])
def test_pages_under_every_order_hold_each_query_once(http: httpx.Client, stage: Stage, sort: str) -> None:
    seen, cursor = [], None
    while True:
        wanted = {"limit": 1, "sort": sort} | ({"cursor": cursor} if cursor else {})
        page = http.get(f"/stages/{stage.id}/queries", params=wanted).json()
        seen += [query["image"] for query in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(IMAGES)


def test_queries_are_sorted_by_the_class_that_the_teacher_sees_most(http: httpx.Client, stage: Stage) -> None:
    page = http.get(f"/stages/{stage.id}/queries", params={"sort": "class"}).json()

    # By turns, the images are road and sky to the teacher.
    assert [query["main_class"] for query in page["items"]] == [3, 3, 7]
    assert page["items"][2]["image"] == IMAGES[1]


def test_queries_can_be_narrowed_to_states_and_names(http: httpx.Client, stage: Stage) -> None:
    http.post(f"/stages/{stage.id}/queries/next", json=ANN)

    def images(**wanted: object) -> list[str]:
        page = http.get(f"/stages/{stage.id}/queries", params=wanted).json()  # type: ignore[arg-type]
        return [query["image"] for query in page["items"]]

    assert images(state=["leased"]) == ["ulm_1"]
    assert images(state=["open", "leased"], image_contains="ulm") == ["ulm_1", "ulm_3"]


def test_the_next_query_comes_with_all_that_a_person_needs(http: httpx.Client, stage: Stage) -> None:
    answer = http.post(f"/stages/{stage.id}/queries/next", json=ANN).json()

    query = answer["query"]
    assert (query["image"], query["state"], query["author"], query["rank"]) == ("ulm_1", "leased", "ann", 0)
    assert query["classes"] == [
        {"id": 3, "name": "road", "colour": "#000003"},
        {"id": 7, "name": "sky", "colour": "#000007"},
    ]
    assert (query["ignore_id"], query["region_url"], query["answer_url"]) == (255, None, None)
    assert [move["to_state"] for move in query["history"]] == ["leased"]
    assert query["history"][0]["cause"] == "user:ann"
    assert answer["counts"]["leased"] == 1


def test_when_everything_is_taken_there_is_no_next_query(http: httpx.Client, stage: Stage) -> None:
    people = [{"author": author} for author in ("ann", "bob", "cy", "dan")]
    got = [http.post(f"/stages/{stage.id}/queries/next", json=one).json()["query"] for one in people]

    assert [query and query["image"] for query in got] == [*IMAGES, None]


def test_who_asks_for_the_next_query_is_told_what_is_leased(http: httpx.Client, stage: Stage) -> None:
    own = [http.post(f"/stages/{stage.id}/queries/next", json=ANN).json() for _ in range(2)]
    for author in ("bob", "cy"):
        http.post(f"/stages/{stage.id}/queries/next", json={"author": author})
    none = http.post(f"/stages/{stage.id}/queries/next", json={"author": "dan"}).json()

    assert [one["leased_to_you"] for one in own] == [False, True]
    assert own[0]["query"]["id"] == own[1]["query"]["id"]
    assert (none["query"], none["leased_to_you"], none["leased_to_others"]) == (None, False, 3)
    assert none["free_at"] >= own[1]["query"]["lease_until"]


def test_an_answer_is_taken_up_again_as_the_draft_of_who_revises_it(http: httpx.Client, stage: Stage) -> None:
    [key, *_] = query_ids(stage.run_id, IMAGES)
    mask = {"content": png(filled(7)), "headers": {"content-type": "image/png"}}
    http.post(f"/queries/{key}/annotations", params={"author": "bob"}, **mask).raise_for_status()

    revised = http.post(f"/queries/{key}/revise", json=ANN).json()
    sent = http.post(f"/queries/{key}/draft/submit", json=ANN, headers={"If-Match": '"1"'}).json()

    assert (revised["state"], revised["author"], revised["version"]) == ("leased", "ann", 1)
    assert [(draft["author"], draft["tiles"]) for draft in revised["drafts"]] == [("ann", 1)]
    assert (sent["annotation"]["version"], sent["annotation"]["class_pixels"]) == (2, {"7": 48})


def test_pictures_of_a_query_are_served_as_they_were_stored(http: httpx.Client, stage: Stage, regions: Stage) -> None:
    [whole, *_] = query_ids(stage.run_id, IMAGES)
    [part, *_] = query_ids(regions.run_id, IMAGES)

    for kind, media_type in (("picture", "image/jpeg"), ("proposal", "image/png"), ("uncertainty", "image/png")):
        answer = http.get(f"/queries/{whole}/{kind}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert (
            http.get(f"/queries/{whole}/{kind}", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        )
    assert http.get(f"/queries/{part}/region").headers["content-type"] == "image/png"
    problem(http.get(f"/queries/{whole}/region"), 404, "not-found")


def test_small_copies_show_what_the_pictures_show(http: httpx.Client, stage: Stage, regions: Stage) -> None:
    [whole, *_] = query_ids(stage.run_id, IMAGES)
    [part, *_] = query_ids(regions.run_id, IMAGES)
    small = {"size": "thumbnail"}

    picture = http.get(f"/queries/{whole}/picture", params=small)
    assert picture.headers["content-type"] == "image/webp"
    assert "immutable" in picture.headers["cache-control"]
    again = http.get(f"/queries/{whole}/picture", params=small, headers={"If-None-Match": picture.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    # These are smaller than a small copy is, and nothing is enlarged or made up.
    for query, kind in ((whole, "proposal"), (whole, "uncertainty"), (part, "region")):
        stored, copied = (http.get(f"/queries/{query}/{kind}", params=params) for params in ({}, small))
        assert np.array_equal(pixels_of(copied), pixels_of(stored))
        assert copied.headers["etag"] != stored.headers["etag"]
    problem(http.get(f"/queries/{whole}/picture", params={"size": "huge"}), 422, "validation-failed")
    problem(http.get(f"/queries/{whole}/region", params=small), 404, "not-found")


def pixels_of(answer: httpx.Response) -> np.ndarray:
    return np.asarray(PILImage.open(io.BytesIO(answer.content)))


def test_a_small_copy_of_what_is_gone_from_storage_says_so(
    http: httpx.Client, stage: Stage, storage: LocalStorage, database: Database
) -> None:
    [key, *_] = query_ids(stage.run_id, IMAGES)
    with database.read() as session:
        storage.delete(session.get_one(Query, key).picture_sha256)

    problem(http.get(f"/queries/{key}/picture", params={"size": "thumbnail"}), 410, "content-missing")


def test_a_query_of_ones_own_choice_is_leased_unless_somebody_has_it(http: httpx.Client, stage: Stage) -> None:
    last = query_ids(stage.run_id, IMAGES)[2]

    for _ in range(2):
        assert http.post(f"/queries/{last}/lease", json=ANN).json()["author"] == "ann"
    problem(http.post(f"/queries/{last}/lease", json={"author": "bob"}), 409, "lease-lost")


def test_a_lease_is_renewed_given_back_and_skipped(http: httpx.Client, stage: Stage) -> None:
    key = http.post(f"/stages/{stage.id}/queries/next", json=ANN).json()["query"]["id"]

    assert http.post(f"/queries/{key}/renew", json=ANN).json()["state"] == "leased"
    assert http.post(f"/queries/{key}/release", json=ANN).json()["state"] == "open"
    http.post(f"/stages/{stage.id}/queries/next", json=ANN)
    skipped = http.post(f"/queries/{key}/skip", json={**ANN, "reason": "bad image"}).json()
    assert (skipped["state"], skipped["message"]) == ("skipped", "bad image")
    assert http.post(f"/queries/{key}/reopen", json=ANN).json()["state"] == "open"


def test_what_somebody_else_has_cannot_be_touched(http: httpx.Client, stage: Stage) -> None:
    key = http.post(f"/stages/{stage.id}/queries/next", json=ANN).json()["query"]["id"]
    bob = {"author": "bob"}

    for verb, body in (("renew", bob), ("release", bob), ("skip", {**bob, "reason": "x"})):
        reply = problem(http.post(f"/queries/{key}/{verb}", json=body), 409, "lease-lost")
        assert "'ann' has it" in reply["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/author"),
        ({"author": "  "}, "/author"),
        ({"author": "a\nb"}, "/author"),
        ({"author": "a" * 101}, "/author"),
        ({"author": "ann", "more": 1}, "/more"),
    ],
)
def test_a_person_needs_a_name(http: httpx.Client, stage: Stage, body: dict[str, object], pointer: str) -> None:
    assert pointers(http.post(f"/stages/{stage.id}/queries/next", json=body)) == [pointer]


def test_what_is_not_there_is_named(http: httpx.Client, stage: Stage) -> None:
    problem(http.get(f"/stages/{UNKNOWN_STAGE}/queries"), 404, "not-found")
    problem(http.post(f"/stages/{UNKNOWN_STAGE}/queries/next", json=ANN), 404, "not-found")
    for address in ("", "/picture", "/proposal", "/uncertainty", "/region", "/draft?author=ann", "/answer?version=1"):
        problem(http.get(f"/queries/{'0' * 16}{address}"), 404, "not-found")
    problem(http.post(f"/queries/{'0' * 16}/renew", json=ANN), 404, "not-found")
    problem(http.get("/queries/../secrets"), 404, "not-found")


def test_queries_of_a_deleted_run_are_gone(http: httpx.Client, stage: Stage) -> None:
    [key, *_] = query_ids(stage.run_id, IMAGES)
    run = http.post(f"/runs/{stage.run_id}/cancel")
    http.delete(f"/runs/{stage.run_id}", headers={"If-Match": f'"{run.json()["revision"]}"'})

    problem(http.get(f"/queries/{key}"), 404, "not-found")
    problem(http.post(f"/queries/{key}/renew", json=ANN), 404, "not-found")
    problem(http.post(f"/stages/{stage.id}/queries/next", json=ANN), 404, "not-found")
