from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.db.models import Run, Stage
from server.db.session import Database
from server.services.paging import encode_cursor
from server.storage import LocalStorage
from tests.support.label_rounds import (
    ask_next,
    filled,
    finish_stage,
    make_rounds_run,
    make_waiting_round,
    png,
    query_ids,
)
from tests.support.results import add_evaluation
from tests.support.rows import load_run, make_run
from tests.support.serving import pointers, problem
from tests.support.unlabelled import write_unlabelled_target

IMAGES = ("ulm_1", "bonn_2")
ANN = {"author": "ann"}


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    """The first of two label stages, which waits for people."""
    return make_waiting_round(database, storage, tmp_path / "asked", IMAGES, rounds=2)


def answer(http: httpx.Client, key: str, value: int = 7, **terms: Any) -> None:
    sent = http.post(
        f"/queries/{key}/annotations",
        content=png(filled(value)),
        headers={"Content-Type": "image/png"},
        params={**ANN, **terms},
    )
    assert sent.status_code == 201, sent.text


def test_a_round_says_what_it_asked_and_what_it_cost(http: httpx.Client, stage: Stage) -> None:
    [first, _] = query_ids(stage.run_id, IMAGES)
    answer(http, first, value=3, seconds=10, clicks=4)

    listed = http.get(f"/runs/{stage.run_id}/rounds").json()

    assert (listed["initial_images"], [one["index"] for one in listed["rounds"]]) == (2, [0, 1, 2])
    batch = listed["rounds"][0]["batch"]
    assert (batch["state"], batch["by_people"], batch["acquisition"]) == (
        "waiting_annotation",
        True,
        "stal",
    )
    assert batch["queried"] == {"images": 2, "pixels": 96, "clicks": 2, "seconds": 0}
    assert batch["answered"] == {"images": 1, "pixels": 48, "clicks": 4, "seconds": 10}
    # The teacher proposed class 3, and it was right.
    assert (batch["agreement"], batch["overlap_images"], batch["gain"]) == (1.0, 0, None)
    assert (batch["histogram"], batch["histogram_range"], batch["pool_size"]) == ([4, 2], [0, 1], 6)
    assert batch["classes"] == [
        {"id": 3, "name": "road", "colour": "#000003", "pool": 0.75, "queried": 0.25, "answered": 1.0},
        {"id": 7, "name": "sky", "colour": "#000007", "pool": 0.25, "queried": 0.75, "answered": 0.0},
    ]
    assert [one["batch"] for one in listed["rounds"][1:]] == [None, None]
    assert listed["rounds"][1]["labelled"] == batch["answered"]


def test_rounds_tell_what_labels_brought(
    http: httpx.Client, database: Database, storage: LocalStorage, stage: Stage, tmp_path: Path
) -> None:
    run = load_run(database, stage.run_id)
    add_evaluation(database, run.stages[0], [[1, 0], [0, 1]], channels=[3, 7], miou_all=0.25, split="val")
    for key in query_ids(stage.run_id, IMAGES):
        answer(http, key)
    finish_stage(database, load_run(database, run.id).stages[3])
    add_evaluation(database, run.stages[3], [[1, 0], [0, 1]], channels=[3, 7], miou_all=0.75, split="val")
    add_evaluation(database, run.stages[3], [[1, 0], [0, 1]], channels=[3, 7], miou_all=0.5, split="val-student")
    # The second round queries one image that the first queried too.
    ask_next(database, storage, tmp_path, run.id, ["bonn_2", "ulm_9"])

    shown = http.get(f"/runs/{run.id}/rounds").json()
    first, second, _ = shown["rounds"]

    assert shown["headline"] == http.get(f"/methods/{run.experiment.method}").json()["scoring"]["headline"]
    assert (first["score"], first["score_student"], first["batch"]["gain"]) == (0.25, None, 0.5)
    assert (second["score"], second["score_student"]) == (0.75, 0.5)
    assert (second["labelled"]["images"], second["labelled"]["pixels"]) == (2, 96)
    assert (second["batch"]["overlap_images"], second["batch"]["gain"]) == (1, None)
    assert len(first["batch"]["labels_sha256"]) == 64


def test_an_answer_that_was_sent_back_counts_for_nothing(http: httpx.Client, stage: Stage) -> None:
    first, second = query_ids(stage.run_id, IMAGES)
    for key in (first, second):
        answer(http, key, seconds=5, clicks=2)
    http.post(f"/stages/{stage.id}/reopen", json=ANN)

    http.post(f"/queries/{first}/reject", json={**ANN, "note": "sloppy"})

    listed = http.get(f"/runs/{stage.run_id}/rounds").json()["rounds"]
    assert listed[0]["batch"]["answered"] == {"images": 1, "pixels": 48, "clicks": 2, "seconds": 5}
    assert listed[1]["labelled"] == listed[0]["batch"]["answered"]


def test_a_change_after_closing_is_counted(http: httpx.Client, stage: Stage) -> None:
    keys = query_ids(stage.run_id, IMAGES)
    for key in keys:
        answer(http, key)
    before = http.get(f"/runs/{stage.run_id}/rounds").json()["rounds"][0]["batch"]

    answer(http, keys[0], value=3)

    after = http.get(f"/runs/{stage.run_id}/rounds").json()["rounds"][0]["batch"]
    assert (before["changed_since"], after["changed_since"]) == (0, 1)
    assert after["labels_sha256"] == before["labels_sha256"]
    assert after["answered"] == before["answered"]


def test_runs_of_other_methods_have_no_rounds(http: httpx.Client, database: Database) -> None:
    run = make_run(database)

    assert http.get(f"/runs/{run.id}/rounds").json()["rounds"] == []


def test_rounds_that_wait_for_people_are_listed(
    http: httpx.Client, database: Database, storage: LocalStorage, stage: Stage, tmp_path: Path
) -> None:
    other = make_waiting_round(database, storage, tmp_path / "other", IMAGES)
    make_rounds_run(database)
    answer(http, query_ids(stage.run_id, IMAGES)[0])

    first = http.get("/label-stages", params={"limit": 1}).json()
    second = http.get("/label-stages", params={"limit": 1, "cursor": first["next_cursor"]}).json()

    [waiting] = first["items"]
    assert (waiting["stage_id"], waiting["run_id"], waiting["method"]) == (stage.id, stage.run_id, "stal")
    assert (waiting["labels_per_hour"], waiting["counts"]["open"], waiting["counts"]["accepted"]) == (1, 1, 1)
    assert [one["stage_id"] for one in second["items"]] == [other.id]
    assert second["next_cursor"] is None


def test_the_round_that_waits_longest_comes_first(
    http: httpx.Client, database: Database, storage: LocalStorage, stage: Stage, tmp_path: Path
) -> None:
    others = [make_waiting_round(database, storage, tmp_path / name, IMAGES) for name in ("one", "two")]
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with database.write() as session:
        # The run that was made last asked first; the two others asked at the same moment.
        for one, hours in ((stage, 1), (others[0], 1), (others[1], 0)):
            session.get_one(Stage, one.id).started_at = noon + timedelta(hours=hours)

    listed, cursor = [], None
    for _ in range(3):
        page = http.get("/label-stages", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        listed += [one["stage_id"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert listed == [others[1].id, *sorted([stage.id, others[0].id])]
    assert cursor is None


def test_a_cursor_without_a_time_is_refused(http: httpx.Client) -> None:
    cursor = encode_cursor("label-stages", ("noon", "x"))

    assert pointers(http.get("/label-stages", params={"cursor": cursor})) == ["/cursor"]


def test_a_round_is_closed_opened_and_handed_to_the_oracle(http: httpx.Client, stage: Stage) -> None:
    answer(http, query_ids(stage.run_id, IMAGES)[0])

    closed = http.post(f"/stages/{stage.id}/close", json=ANN).json()
    assert (closed["state"], closed["counts"]["accepted"], closed["counts"]["withdrawn"]) == ("succeeded", 1, 1)
    opened = http.post(f"/stages/{stage.id}/reopen", json=ANN).json()
    assert (opened["state"], opened["counts"]["open"]) == ("waiting_annotation", 1)
    handed = http.post(f"/stages/{stage.id}/oracle", json=ANN).json()
    assert (handed["state"], handed["by_people"]) == ("queued", False)

    history = http.get(f"/stages/{stage.id}").json()["history"]
    by_ann = [move["to_state"] for move in history if move["cause"] == "user:ann"]
    assert by_ann == ["succeeded", "waiting_annotation", "queued"]


def test_a_complete_round_that_is_opened_again_waits_to_be_closed(http: httpx.Client, stage: Stage) -> None:
    for key in query_ids(stage.run_id, IMAGES):
        answer(http, key)

    opened = http.post(f"/stages/{stage.id}/reopen", json=ANN).json()
    answer(http, query_ids(stage.run_id, IMAGES)[0], value=3)

    assert (opened["state"], opened["closes_by_hand"]) == ("waiting_annotation", True)
    batch = http.get(f"/runs/{stage.run_id}/rounds").json()["rounds"][0]["batch"]
    assert (batch["state"], batch["closes_by_hand"]) == ("waiting_annotation", True)
    closed = http.post(f"/stages/{stage.id}/close", json=ANN).json()
    assert (closed["state"], closed["closes_by_hand"]) == ("succeeded", False)


def test_round_whose_labels_a_branch_uses_is_not_opened_again(
    http: httpx.Client, database: Database, stage: Stage
) -> None:
    for key in query_ids(stage.run_id, IMAGES):
        answer(http, key)
    branch = make_run(database)
    with database.write() as session:
        session.get_one(Stage, branch.stages[0].id).shared_stage_id = stage.id

    content = problem(http.post(f"/stages/{stage.id}/reopen", json=ANN), 409, "run-is-shared")

    assert branch.id in content["detail"]


def test_people_go_on_labelling_while_the_run_is_paused(http: httpx.Client, stage: Stage) -> None:
    paused = http.post(f"/runs/{stage.run_id}/pause")
    assert (paused.status_code, paused.json()["state"]) == (202, "paused")
    refused = problem(http.post(f"/stages/{stage.id}/oracle", json=ANN), 409, "illegal-transition")
    assert "is paused; resume it first" in refused["detail"]

    for key in query_ids(stage.run_id, IMAGES):
        answer(http, key)

    run = http.get(f"/runs/{stage.run_id}").json()
    following = [one["state"] for one in run["stages"] if one["index"] > stage.index]
    assert (run["state"], run["stages"][stage.index]["state"], following[0]) == ("paused", "succeeded", "pending")
    resumed = http.post(f"/runs/{stage.run_id}/resume").json()
    assert (resumed["state"], resumed["stages"][stage.index + 1]["state"]) == ("queued", "queued")


def test_a_round_is_given_more_time(http: httpx.Client, stage: Stage) -> None:
    moved = http.post(f"/stages/{stage.id}/extend", json={**ANN, "deadline_hours": 24}).json()

    assert moved["state"] == "waiting_annotation"
    left = datetime.fromisoformat(moved["deadline"]) - datetime.now(UTC)
    assert timedelta(hours=23) < left < timedelta(hours=25)
    batch = http.get(f"/runs/{stage.run_id}/rounds").json()["rounds"][0]["batch"]
    assert (batch["deadline"], batch["share"]) == (moved["deadline"], 1.0)
    assert http.get("/label-stages").json()["items"][0]["deadline"] == moved["deadline"]
    assert http.post(f"/stages/{stage.id}/extend", json={**ANN, "deadline_hours": None}).json()["deadline"] is None
    for wrong in ({}, {"deadline_hours": 0}, {"deadline_hours": 1e9}):
        assert pointers(http.post(f"/stages/{stage.id}/extend", json={**ANN, **wrong})) == ["/deadline_hours"]


def test_a_round_without_answers_is_closed_only_when_that_is_said(http: httpx.Client, stage: Stage) -> None:
    reply = problem(http.post(f"/stages/{stage.id}/close", json=ANN), 409, "round-empty")
    assert "send `allow_empty: true`" in reply["detail"]

    assert http.post(f"/stages/{stage.id}/close", json={**ANN, "allow_empty": True}).json()["state"] == "succeeded"


def test_what_cannot_be_done_is_said(http: httpx.Client, database: Database, stage: Stage) -> None:
    training = load_run(database, stage.run_id).stages[0].id
    for verb in ("close", "reopen", "oracle"):
        problem(http.post(f"/stages/{training}/{verb}", json=ANN), 404, "not-found")
    problem(http.post(f"/stages/{stage.id}/reopen", json=ANN), 409, "illegal-transition")
    http.post(f"/runs/{stage.run_id}/cancel")
    for verb, fields in (("close", {}), ("oracle", {}), ("extend", {"deadline_hours": 1})):
        problem(http.post(f"/stages/{stage.id}/{verb}", json={**ANN, **fields}), 409, "round-closed")


def test_the_feed_tells_of_queries_and_rounds(http: httpx.Client, stage: Stage) -> None:
    key = http.post(f"/stages/{stage.id}/queries/next", json=ANN).json()["query"]["id"]
    answer(http, key)

    events = http.get(
        f"/runs/{stage.run_id}/events", params={"after": 0}, headers={"Accept": "application/json"}
    ).json()

    told = [event["payload"] for event in events["items"] if event["type"] == "query"]
    assert [(one["query_id"], one["state"]) for one in told] == [(None, None), (key, "leased"), (key, "accepted")]
    assert told[-1]["counts"]["accepted"] == 1


def test_a_round_about_images_without_labels_stays_with_people(
    http: httpx.Client, database: Database, stage: Stage, storage: LocalStorage, tmp_path: Path
) -> None:
    target = write_unlabelled_target(tmp_path / "data")
    asked = [name for name in target.truth.ids if name not in target.labelled][:2] + target.labelled[:1]
    waiting = make_waiting_round(database, storage, tmp_path / "other", asked)
    with database.write() as session:
        experiment = session.get_one(Run, waiting.run_id).experiment
        experiment.resolved = {**experiment.resolved, "dataset": target.spec.model_dump()}
    keys = query_ids(waiting.run_id, asked)
    answer(http, keys[0])

    reply = problem(http.post(f"/stages/{waiting.id}/oracle", json=ANN), 409, "ground-truth-missing")

    assert f"1 of 2 unanswered queries have no label file: {asked[1]};" in reply["detail"]
    listed = http.get(f"/runs/{waiting.run_id}/rounds").json()["rounds"][0]["batch"]
    assert (listed["state"], listed["by_people"], listed["counts"]["accepted"]) == ("waiting_annotation", True, 1)
    # With an answer for it too the oracle is asked about nothing that it does not know.
    answer(http, keys[1])
    assert http.post(f"/stages/{waiting.id}/oracle", json=ANN).json()["state"] == "queued"


def test_a_target_that_is_gone_is_no_reason_to_lose_a_round(
    http: httpx.Client, database: Database, stage: Stage, tmp_path: Path
) -> None:
    with database.write() as session:
        experiment = session.get_one(Run, stage.run_id).experiment
        gone = {"adapter": "cityscapes", "root": str(tmp_path / "gone")}
        experiment.resolved = {**experiment.resolved, "dataset": gone}

    reply = problem(http.post(f"/stages/{stage.id}/oracle", json=ANN), 409, "data-error")

    assert "the target of the run cannot be opened" in reply["detail"]
    assert http.get(f"/stages/{stage.id}").json()["state"] == "waiting_annotation"


def test_images_of_a_list_are_counted_as_those_of_the_start(
    http: httpx.Client, database: Database, stage: Stage, tmp_path: Path
) -> None:
    with database.write() as session:
        experiment = session.get_one(Run, stage.run_id).experiment
        stream = {**experiment.resolved["stream"], "initial_list": "gtav-65"}
        target = {"adapter": "cityscapes", "root": str(tmp_path)}
        experiment.resolved = {**experiment.resolved, "stream": stream, "dataset": target}

    assert http.get(f"/runs/{stage.run_id}/rounds").json()["initial_images"] == 65
    with database.write() as session:
        experiment = session.get_one(Run, stage.run_id).experiment
        gone = {"adapter": "cityscapes", "root": str(tmp_path / "gone")}
        experiment.resolved = {**experiment.resolved, "dataset": gone}
    assert http.get(f"/runs/{stage.run_id}/rounds").json()["initial_images"] == 0
