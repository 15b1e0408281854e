from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from core.files import index_png
from server.db.models import Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import HEIGHT, WIDTH, filled, make_waiting_round, png, query_ids
from tests.support.rows import load_run
from tests.support.serving import pointers, problem

IMAGES = ("ulm_1", "bonn_2")
PNG = {"Content-Type": "image/png"}


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """A label stage that waits for people; the whole images are asked for."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES)


@pytest.fixture
def keys(stage: Stage) -> list[str]:
    """Ids of its queries."""
    return query_ids(stage.run_id, IMAGES)


def answer(http: httpx.Client, key: str, data: bytes | None = None, **terms: Any) -> httpx.Response:
    """Send a mask, by default one of class 7 everywhere."""
    content = png(filled()) if data is None else data
    params = {"author": "ann", **terms}
    return http.post(f"/queries/{key}/annotations", content=content, headers=PNG, params=params)


def submit(http: httpx.Client, key: str, revision: str | None, **fields: Any) -> httpx.Response:
    """Make a draft of ann's the answer."""
    headers = {"If-Match": revision} if revision is not None else {}
    return http.post(f"/queries/{key}/draft/submit", json={"author": "ann", **fields}, headers=headers)


def tile(labels: np.ndarray, row: int = 0, column: int = 0) -> dict[str, Any]:
    encoded = base64.b64encode(png(labels)).decode()
    return {"row": row, "column": column, "png": encoded, "sources": None}


def test_a_mask_becomes_a_version_that_can_be_read_back(http: httpx.Client, keys: list[str]) -> None:
    sent = answer(http, keys[0], seconds=12.5, clicks=4)

    assert sent.status_code == 201
    reply = sent.json()
    annotation = reply["annotation"]
    assert (annotation["version"], annotation["author"], annotation["source"]) == (1, "ann", "person")
    assert (annotation["pixels"], annotation["class_pixels"]) == (48, {"7": 48})
    assert (annotation["seconds"], annotation["clicks"], annotation["agreement"]) == (12.5, 4, 0.0)
    assert (reply["warnings"], reply["is_round_closed"], reply["counts"]["accepted"]) == ([], False, 1)
    for address in (annotation["mask_url"], f"/api/v1/queries/{keys[0]}/answer?version=1"):
        stored = http.get(address.removeprefix("/api/v1"))
        assert (stored.status_code, stored.content) == (200, index_png(filled()))
    query = http.get(f"/queries/{keys[0]}").json()
    assert (query["state"], query["version"]) == ("accepted", 1)
    assert query["answer_url"] == f"/api/v1/queries/{keys[0]}/answer?version=1"
    assert [move["to_state"] for move in query["history"]] == ["submitted", "accepted"]


def test_who_counts_no_clicks_needed_one_a_piece_as_the_oracle_does(http: httpx.Client, keys: list[str]) -> None:
    labels = filled()
    labels[0, :2], labels[2, 5], labels[4] = 3, 3, 255

    # Class 7 above and below the row that nobody could tell, and two pieces of class 3.
    assert answer(http, keys[0], png(labels), allow_unsure=True).json()["annotation"]["clicks"] == 4
    assert submit(http, keys[1], "0").json()["annotation"]["clicks"] == 1


def test_the_last_answer_closes_the_round_and_queues_the_next_stage(
    http: httpx.Client, database: Database, stage: Stage, keys: list[str]
) -> None:
    closed = [answer(http, key).json()["is_round_closed"] for key in keys]

    assert closed == [False, True]
    run = load_run(database, stage.run_id)
    assert [one.state for one in run.stages[2:]] == ["succeeded", "queued"]


def test_an_answer_after_closing_is_told_to_be_late(http: httpx.Client, keys: list[str]) -> None:
    for key in keys:
        answer(http, key)

    late = answer(http, keys[0], png(filled(3))).json()["annotation"]

    assert (late["version"], late["is_late"]) == (2, True)
    versions = http.get(f"/queries/{keys[0]}").json()["annotations"]
    assert [(one["version"], one["is_late"]) for one in versions] == [(1, False), (2, True)]


def test_an_answer_to_a_round_that_was_closed_without_it_is_refused(
    http: httpx.Client, stage: Stage, keys: list[str]
) -> None:
    answer(http, keys[0])
    http.post(f"/stages/{stage.id}/close", json={"author": "ann"})

    reply = problem(answer(http, keys[1]), 409, "round-closed")
    assert "its state is succeeded" in reply["detail"]
    # Nothing is lost: the mask is a draft, and becomes the answer when the round is opened again.
    http.post(f"/stages/{stage.id}/reopen", json={"author": "ann"})
    assert 'whose ETag is "1"' in reply["detail"]
    assert submit(http, keys[1], '"1"').json()["annotation"]["class_pixels"] == {"7": 48}


def test_a_query_of_somebody_else_is_refused(http: httpx.Client, stage: Stage, keys: list[str]) -> None:
    http.post(f"/stages/{stage.id}/queries/next", json={"author": "bob"})

    labels = filled()
    labels[1, 2] = 3
    refused = answer(http, keys[0], png(labels), seconds=40, clicks=6)

    reply = problem(refused, 409, "lease-lost")
    assert "'bob' has it" in reply["detail"] and f"GET /queries/{keys[0]}/draft reads it" in reply["detail"]
    assert refused.headers["etag"] == '"1"'
    kept = http.get(f"/queries/{keys[0]}/draft", params={"author": "ann"}).json()
    assert (kept["revision"], kept["seconds"], kept["clicks"]) == (1, 40, 6)
    assert [(one["row"], one["column"]) for one in kept["pngs"]] == [(0, 0)]
    http.post(f"/queries/{keys[0]}/release", json={"author": "bob"})
    assert submit(http, keys[0], "1").json()["annotation"]["class_pixels"] == {"3": 1, "7": 47}


def test_anothers_answer_is_replaced_only_by_name(http: httpx.Client, keys: list[str]) -> None:
    answer(http, keys[0])

    reply = problem(answer(http, keys[0], png(filled(3)), author="bob"), 409, "already-answered")

    assert (
        "answered by 'ann', version 1" in reply["detail"]
        and "name version 1 as the one to replace (`replaces`" in reply["detail"]
    )
    assert http.get(f"/queries/{keys[0]}").json()["drafts"][0]["author"] == "bob"
    body, named = {"author": "bob", "allow_unsure": False}, {"If-Match": "1"}
    problem(http.post(f"/queries/{keys[0]}/draft/submit", json=body, headers=named), 409, "already-answered")
    sent = http.post(f"/queries/{keys[0]}/draft/submit", json={**body, "replaces": 1}, headers=named).json()
    assert (sent["annotation"]["version"], sent["annotation"]["author"]) == (2, "bob")
    assert answer(http, keys[0], png(filled(7)), replaces=2).json()["annotation"]["version"] == 3


def test_a_refused_mask_that_is_a_version_leaves_the_draft_alone(http: httpx.Client, keys: list[str]) -> None:
    answer(http, keys[0])
    answer(http, keys[0], png(filled(3)), author="bob", replaces=1)
    newer = {"author": "ann", "tiles": [tile(filled(3))]}
    http.put(f"/queries/{keys[0]}/draft", json=newer, headers={"If-Match": "0"})

    reply = problem(answer(http, keys[0]), 409, "already-answered")

    assert "kept as version 1 of the answer" in reply["detail"]
    draft = http.get(f"/queries/{keys[0]}/draft", params={"author": "ann"}).json()
    assert (draft["revision"], draft["pngs"]) == (1, newer["tiles"])


def wide() -> np.ndarray:
    return np.zeros((HEIGHT, WIDTH + 1), np.uint8)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png(wide()), "size_mismatch"),
        (png(filled(9)), "unknown_id"),
        (png(np.zeros((HEIGHT, WIDTH, 3), np.uint8)), "not_an_index"),
        (png(np.zeros((HEIGHT, WIDTH), np.uint16)), "not_an_index"),
        (b"text", "unreadable"),
        (png(filled(255)), "no_label"),
    ],
)
def test_a_wrong_mask_is_refused_and_nothing_changes(
    http: httpx.Client, keys: list[str], data: bytes, code: str
) -> None:
    refused = problem(answer(http, keys[0], data), 422, "validation-failed")

    assert [entry["code"] for entry in refused["errors"]] == [code]
    query = http.get(f"/queries/{keys[0]}").json()
    assert (query["state"], query["version"], query["annotations"]) == ("open", 0, [])


def test_labels_outside_of_the_region_are_refused(
    http: httpx.Client, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    left = np.zeros((HEIGHT, WIDTH), np.bool_)
    left[:, :4] = True
    stage = make_waiting_round(database, storage, tmp_path / "regions", IMAGES, region=left)
    [key, _] = query_ids(stage.run_id, IMAGES)

    refused = problem(answer(http, key), 422, "validation-failed")
    assert refused["errors"][0]["code"] == "outside_region"
    assert "24 pixels (x 4 to 7, y 0 to 5)" in refused["errors"][0]["message"]

    accepted = answer(http, key, png(np.where(left, 7, 255).astype(np.uint8)))
    assert (accepted.status_code, accepted.json()["annotation"]["pixels"]) == (201, 24)


def test_pixels_without_a_class_must_be_meant(http: httpx.Client, keys: list[str]) -> None:
    labels = filled()
    labels[0, :3] = 255

    refused = problem(answer(http, keys[0], png(labels)), 422, "validation-failed")

    assert "3 pixels (x 0 to 2, y 0 to 0)" in refused["errors"][0]["message"]
    assert answer(http, keys[0], png(labels), allow_unsure=True).json()["annotation"]["pixels"] == 45


def test_a_mask_is_sent_as_a_png(http: httpx.Client, keys: list[str]) -> None:
    for kind in ("application/json", "application/octet-stream"):
        sent = http.post(
            f"/queries/{keys[0]}/annotations",
            content=png(filled()),
            headers={"Content-Type": kind},
            params={"author": "ann"},
        )
        reply = problem(sent, 415, "unsupported-media")
        assert f"is {kind}, expected image/png" in reply["detail"]


def test_a_mask_may_be_larger_than_json(http: httpx.Client, keys: list[str]) -> None:
    noise = np.random.default_rng(0).integers(0, 255, 3 * 2**20, dtype=np.uint8).tobytes()

    assert answer(http, keys[0], noise).json()["errors"][0]["code"] == "unreadable"


def test_who_answers_must_be_said(http: httpx.Client, keys: list[str]) -> None:
    sent = http.post(f"/queries/{keys[0]}/annotations", content=png(filled()), headers=PNG, params={"seconds": -1})

    assert pointers(sent) == ["/author", "/seconds"]


def test_a_draft_is_saved_by_tiles_and_becomes_the_answer(http: httpx.Client, stage: Stage, keys: list[str]) -> None:
    http.post(f"/stages/{stage.id}/queries/next", json={"author": "ann"})
    drafted = filled(3)
    drafted[2:4] = 7
    body = {"author": "ann", "tiles": [tile(drafted)], "seconds": 30, "clicks": 9}

    saved = http.put(f"/queries/{keys[0]}/draft", json=body, headers={"If-Match": '"0"'})

    assert (saved.status_code, saved.headers["etag"], saved.json()["is_held"]) == (200, '"1"', True)
    read = http.get(f"/queries/{keys[0]}/draft", params={"author": "ann"}).json()
    assert (read["revision"], read["pngs"]) == (1, body["tiles"])
    submitted = submit(http, keys[0], "1").json()["annotation"]
    assert (submitted["seconds"], submitted["clicks"], submitted["class_pixels"]) == (30, 9, {"3": 32, "7": 16})
    # Two of six rows were corrected.
    assert submitted["agreement"] == pytest.approx(4 / 6)
    problem(http.get(f"/queries/{keys[0]}/draft", params={"author": "ann"}), 404, "not-found")


def test_without_a_draft_the_proposal_is_accepted(http: httpx.Client, keys: list[str]) -> None:
    accepted = submit(http, keys[0], "0", seconds=2).json()["annotation"]

    assert (accepted["class_pixels"], accepted["agreement"], accepted["seconds"]) == ({"3": 48}, 1.0, 2)


def test_a_save_names_the_revision_that_it_changes(http: httpx.Client, keys: list[str]) -> None:
    address, body = f"/queries/{keys[0]}/draft", {"author": "ann", "tiles": [tile(filled())]}

    problem(http.put(address, json=body), 428, "precondition-required")
    assert http.put(address, json=body, headers={"If-Match": "0"}).status_code == 200
    reply = problem(http.put(address, json=body, headers={"If-Match": "0"}), 412, "revision-mismatch")
    assert 'its ETag is "1"' in reply["detail"]
    problem(http.put(address, json=body, headers={"If-Match": "*"}), 412, "revision-mismatch")


def test_a_submission_names_the_draft_that_it_means(http: httpx.Client, keys: list[str]) -> None:
    body = {"author": "ann", "tiles": [tile(filled())]}
    for revision in ("0", "1"):
        http.put(f"/queries/{keys[0]}/draft", json=body, headers={"If-Match": revision})

    problem(submit(http, keys[0], None), 428, "precondition-required")
    for stale in ("0", "1", "*"):
        reply = problem(submit(http, keys[0], stale), 412, "revision-mismatch")
    assert "one revision is expected" in reply["detail"]
    assert 'its ETag is "2"' in problem(submit(http, keys[0], '"1"'), 412, "revision-mismatch")["detail"]
    query = http.get(f"/queries/{keys[0]}").json()
    assert (query["version"], query["drafts"][0]["revision"]) == (0, 2)
    assert submit(http, keys[0], '"2"').status_code == 201


def test_a_draft_outlives_a_mask_that_is_sent_again(http: httpx.Client, keys: list[str]) -> None:
    answer(http, keys[0])
    body = {"author": "ann", "tiles": [tile(filled(3))]}
    http.put(f"/queries/{keys[0]}/draft", json=body, headers={"If-Match": "0"})

    assert answer(http, keys[0]).json()["annotation"]["version"] == 1

    assert http.get(f"/queries/{keys[0]}/draft", params={"author": "ann"}).json()["revision"] == 1


def test_wrong_tiles_are_refused_together(http: httpx.Client, keys: list[str]) -> None:
    address = f"/queries/{keys[0]}/draft"
    for tiles, code in (
        ([tile(filled(), row=1)], "outside_image"),
        ([tile(filled(9))], "unknown_id"),
        ([tile(filled()), tile(filled())], "duplicate_tile"),
    ):
        sent = http.put(address, json={"author": "ann", "tiles": tiles}, headers={"If-Match": "0"})
        assert problem(sent, 422, "validation-failed")["errors"][0]["code"] == code
    problem(http.get(address, params={"author": "ann"}), 404, "not-found")


def test_an_answer_that_is_sent_back_is_asked_for_again(http: httpx.Client, keys: list[str]) -> None:
    answer(http, keys[0])

    sent_back = http.post(f"/queries/{keys[0]}/reject", json={"author": "eve", "note": "kerb"}).json()

    assert (sent_back["state"], sent_back["message"], sent_back["version"]) == ("open", "kerb", 1)
    problem(http.post(f"/queries/{keys[1]}/reject", json={"author": "eve", "note": "x"}), 409, "illegal-transition")
