from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.errors import ReasonCode
from palimpsest.client.sse import parse_events
from server.app import attach
from server.db import lifecycle
from server.db.lifecycle import RetryPolicy
from server.db.migrate import upgrade
from server.db.models import Dispatch, Run
from server.db.session import Database
from server.db.states import RunState
from server.queue import make_celery
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.results import (
    add_artifact,
    add_evaluation,
    add_log,
    add_memory_items,
    add_points,
    add_summary,
    add_worker,
    store,
)
from tests.support.rows import load_run, make_claim, make_run, make_running_stage
from tests.support.serving import Service, pointers, problem

ODD_NAMES = ("%00", "%ED%A0%80", "a" * 300, "😀")
ODD_TEXTS = ("\\u0000", "\\ud800", "a\\nb")
UNKNOWN = "01890000-0000-7000-8000-000000000000"


def _fail(database: Database, claimed: lifecycle.Claim) -> None:
    with database.write() as session:
        lifecycle.settle_failed(
            session, claimed.lease, ReasonCode.DATA_ERROR, "a.png is no image", "Traceback", policy=RetryPolicy()
        )


def test_preset_starts_a_run_in_one_request(http: httpx.Client, database: Database) -> None:
    answer = http.post("/runs", json={"preset": "eir/demo", "seed": 5, "name": "first"})

    run = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/runs/{run['id']}"
    assert (run["state"], run["seed"], run["preset"], run["experiment_name"]) == ("queued", 5, "eir/demo", "first")
    with database.read() as session:
        assert [row.stage_id for row in session.scalars(select(Dispatch))] == [run["stages"][0]["id"]]


def test_document_starts_a_run_in_one_request(http: httpx.Client) -> None:
    document = {"method": "finetune", "preset": "finetune/demo", "config": {"optim": {"iterations": 70}}}

    run = http.post("/runs", json={"document": document}).json()

    assert (run["method"], run["seed"]) == ("finetune", 0)
    assert [stage["total_iterations"] for stage in run["stages"]] == [70, 70, 70]
    assert {"pointer": "/optim/iterations", "published": None, "value": 70} in run["deviations"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"preset": "eir/demo", "document": {"method": "eir"}}, ""),
        ({"preset": "eir/dmo"}, "/preset"),
        ({"preset": "nonsense"}, "/preset"),
        ({"document": {"method": "eri"}}, "/document/method"),
        ({"preset": "eir/demo", "seed": -1}, "/seed"),
        ({"preset": "eir/demo", "sede": 1}, "/sede"),
    ],
)
def test_invalid_submission_creates_nothing(
    http: httpx.Client, database: Database, body: dict[str, Any], pointer: str
) -> None:
    assert pointers(http.post("/runs", json=body)) == [pointer]
    with database.read() as session:
        assert session.scalars(select(Run)).all() == []


def test_unknown_preset_names_the_nearest(http: httpx.Client) -> None:
    answer = http.post("/runs", json={"preset": "eir/dmo"})

    assert "did you mean 'eir/demo'?" in problem(answer, 422, "validation-failed")["detail"]


def test_list_pages_newest_first_and_filters_by_state_and_method(http: httpx.Client, database: Database) -> None:
    runs = [make_run(database).id for _ in range(3)]
    running, _, _ = make_running_stage(database)

    first = http.get("/runs", params={"limit": 3}).json()
    second = http.get("/runs", params={"limit": 3, "cursor": first["next_cursor"]}).json()

    assert [item["id"] for item in first["items"] + second["items"]] == [running.id, *reversed(runs)]
    assert second["next_cursor"] is None
    assert [item["id"] for item in http.get("/runs", params={"state": "running"}).json()["items"]] == [running.id]
    both = http.get("/runs", params={"state": ["running", "queued"]}).json()["items"]
    assert len(both) == 4
    assert http.get("/runs", params={"method": "finetune"}).json()["items"] == []
    own = http.get("/runs", params={"experiment_id": load_run(database, runs[0]).experiment_id}).json()["items"]
    assert [item["id"] for item in own] == [runs[0]]


def test_line_of_the_list_shows_progress_and_the_last_score(http: httpx.Client, database: Database) -> None:
    run, stage, claimed = make_running_stage(database)
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, {})
    add_evaluation(database, stage, [[3, 1], [1, 3]], channels=[-1, 1], miou_all=0.6)
    second = make_claim(database, run.stages[1])
    with database.write() as session:
        attempt = lifecycle.guard(session, second.lease)
        attempt.phase, attempt.iteration, attempt.total_iterations = "train", 4, 8

    line = http.get("/runs").json()["items"][0]

    assert (line["score"], line["best_score"], line["score_name"]) == (0.6, 0.6, "mIoU")
    assert line["score_step"] == http.get(f"/runs/{run.id}").json()["score_step"] == 0
    assert line["progress"]["stages_done"] == 1
    assert line["progress"]["fraction"] == 0.5
    assert line["progress"]["current"]["index"] == 1
    assert (line["progress"]["current"]["phase"], line["progress"]["current"]["iteration"]) == ("train", 4)


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"limit": 0}, "/limit"),
        ({"limit": 201}, "/limit"),
        ({"limit": "many"}, "/limit"),
        ({"state": "asleep"}, "/state/0"),
        ({"method": "a b"}, "/method"),
        ({"cursor": "nonsense"}, "/cursor"),
        ({"cursor": "WyJleHBlcmltZW50cyIsIngiXQ"}, "/cursor"),
        ({"experiment_id": "1"}, "/experiment_id"),
    ],
)
def test_invalid_filter_is_refused_at_its_place(http: httpx.Client, params: dict[str, Any], pointer: str) -> None:
    assert pointers(http.get("/runs", params=params)) == [pointer]


def test_shown_run_has_stages_attempts_and_the_number_of_its_last_event(http: httpx.Client, database: Database) -> None:
    run, stage, _ = make_running_stage(database)

    shown = http.get(f"/runs/{run.id}").json()

    assert shown["state"] == "running"
    assert [entry["state"] for entry in shown["stages"]] == ["running", "pending", "pending"]
    assert [(entry["number"], entry["state"]) for entry in shown["stages"][0]["attempts"]] == [(1, "running")]
    assert shown["stages"][0]["id"] == stage.id
    assert shown["event_seq"] == load_run(database, run.id).event_seq


@pytest.mark.parametrize("path", ["", "/history", "/events", "/series", "/scores", "/step-table", "/artifacts"])
@pytest.mark.parametrize("run_id", [UNKNOWN, "nonsense", "%00"])
def test_unknown_run_is_not_found(http: httpx.Client, path: str, run_id: str) -> None:
    problem(http.get(f"/runs/{run_id}{path}"), 404, "not-found")


@pytest.mark.parametrize("action", ["cancel", "resume"])
def test_action_on_an_unknown_run_is_not_found(http: httpx.Client, action: str) -> None:
    problem(http.post(f"/runs/{UNKNOWN}/{action}"), 404, "not-found")


def test_history_pages_oldest_first_and_ends_in_the_present_state(http: httpx.Client, database: Database) -> None:
    run, _, _ = make_running_stage(database)

    entries, cursor = [], ""
    while cursor is not None:
        page = http.get(f"/runs/{run.id}/history", params={"limit": 4, **({"cursor": cursor} if cursor else {})}).json()
        entries += page["items"]
        cursor = page["next_cursor"]

    ids = [entry["id"] for entry in entries]
    of_run = [(entry["from_state"], entry["to_state"]) for entry in entries if entry["subject"] == "run"]
    assert ids == sorted(set(ids))
    assert of_run == [(None, "draft"), ("draft", "queued"), ("queued", "running")]


def test_queued_run_is_cancelled_at_once_and_again_changes_nothing(http: httpx.Client, database: Database) -> None:
    run = make_run(database)

    first = http.post(f"/runs/{run.id}/cancel")
    second = http.post(f"/runs/{run.id}/cancel")

    assert (first.status_code, first.json()["state"]) == (202, "cancelled")
    assert (second.status_code, second.json()["state"]) == (200, "cancelled")
    assert second.json()["revision"] == first.json()["revision"]


def test_running_run_is_asked_to_stop(http: httpx.Client, database: Database) -> None:
    run, _, _ = make_running_stage(database)

    answer = http.post(f"/runs/{run.id}/cancel", headers={"X-Request-ID": "cancel-7"})

    assert (answer.status_code, answer.json()["state"]) == (202, "cancelling")
    history = http.get(f"/runs/{run.id}/history", params={"limit": 200}).json()["items"]
    assert (history[-1]["cause"], history[-1]["request_id"]) == ("user:local", "cancel-7")


def test_failed_run_cannot_be_cancelled_and_the_answer_names_what_can_be_done(
    http: httpx.Client, database: Database
) -> None:
    run, _, claimed = make_running_stage(database)
    _fail(database, claimed)

    content = problem(http.post(f"/runs/{run.id}/cancel"), 409, "illegal-transition")

    assert "failed" in content["detail"]
    assert "queued" in content["detail"]


def test_failed_run_is_resumed_as_the_same_run(http: httpx.Client, database: Database) -> None:
    run, _, claimed = make_running_stage(database)
    _fail(database, claimed)
    failed = http.get(f"/runs/{run.id}").json()

    first = http.post(f"/runs/{run.id}/resume")
    second = http.post(f"/runs/{run.id}/resume")

    assert (failed["state"], failed["reason"]) == ("failed", "data_error")
    assert failed["stages"][0]["attempts"][0]["message"] == "a.png is no image"
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    assert (second.status_code, second.json()["state"]) == (200, "queued")


def test_repeated_transition_id_changes_nothing(http: httpx.Client, database: Database) -> None:
    run, _, claimed = make_running_stage(database)
    _fail(database, claimed)
    body = {"transition_id": "resume-1"}

    first = http.post(f"/runs/{run.id}/resume", json=body)
    cancelled = http.post(f"/runs/{run.id}/cancel")
    again = http.post(f"/runs/{run.id}/resume", json=body)

    assert (first.status_code, cancelled.status_code) == (202, 202)
    assert (again.status_code, again.json()["state"]) == (200, "cancelled")


def test_transition_id_of_another_form_is_refused(http: httpx.Client, database: Database) -> None:
    run = make_run(database)

    answer = http.post(f"/runs/{run.id}/cancel", json={"transition_id": "a b"})

    assert pointers(answer) == ["/transition_id"]


def test_twenty_cancels_at_once_change_the_run_once(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    statuses: list[int] = []

    def cancel() -> None:
        statuses.append(http.post(f"/runs/{run.id}/cancel").status_code)

    threads = [threading.Thread(target=cancel) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] * 19 + [202]
    assert load_run(database, run.id).state == RunState.CANCELLED


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database at the newest schema."""
    upgrade(postgres_url)
    database = Database(postgres_url)
    yield database
    database.dispose()


@pytest.fixture
def postgresql_http(
    running: Service, settings: Settings, postgresql: Database, storage: LocalStorage
) -> Iterator[httpx.Client]:
    """A client of the service on PostgreSQL."""
    attach(running.app, settings, postgresql, storage, make_celery(settings))
    yield running.http
    running.app.state.hub.close()


@pytest.mark.services
def test_results_of_a_run_are_shown_on_postgresql(
    postgresql_http: httpx.Client, postgresql: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    run, stage, claimed = make_running_stage(postgresql)
    sha256 = store(storage, tmp_path, b"content")
    add_points(postgresql, run.id, [1.0, "NaN", 0.5])
    add_summary(postgresql, run.id, "loss", last=0.5, best=0.5)
    add_evaluation(postgresql, stage, [[8, 2], [2, 8]], channels=[-1, 4], miou_all=0.7)
    add_log(postgresql, claimed.lease.attempt_id, 3)
    artifact = add_artifact(postgresql, stage, sha256, 7)
    add_memory_items(postgresql, stage, [3, 1, 3])
    add_worker(postgresql, "a@host:1")

    line = postgresql_http.get("/runs", params={"state": "running", "limit": 1}).json()["items"][0]
    values = [point["value"] for point in postgresql_http.get(f"/runs/{run.id}/series/loss").json()["points"]]
    memory = postgresql_http.get(f"/stages/{stage.id}/memory-items", params={"source_contains": "E-2"}).json()

    assert (line["id"], line["score"], line["progress"]["current"]["state"]) == (run.id, 0.7, "running")
    assert values == [1.0, "NaN", 0.5]
    assert postgresql_http.get(f"/runs/{run.id}/step-table").json()["steps"][0]["iou"] == pytest.approx(
        [8 / 12] * 2, abs=1e-6
    )
    assert [entry["number"] for entry in postgresql_http.get(f"/stages/{stage.id}/log").json()["items"]] == [1, 2, 3]
    assert postgresql_http.get(f"/artifacts/{artifact}/content").content == b"content"
    assert [(item["source"], item["class_id"]) for item in memory["items"]] == [("image-2", 3)]
    assert postgresql_http.get("/workers").json()["items"][0]["state"] == "idle"
    assert postgresql_http.get(f"/runs/{run.id}/series", params={"prefix": "lo"}).json()["items"][0]["key"] == "loss"


@pytest.mark.services
def test_run_is_submitted_cancelled_resumed_and_followed_on_postgresql(
    postgresql_http: httpx.Client, postgresql: Database
) -> None:
    run_id = postgresql_http.post("/runs", json={"preset": "eir/demo", "seed": 1}).json()["id"]

    cancelled = postgresql_http.post(f"/runs/{run_id}/cancel")
    resumed = postgresql_http.post(f"/runs/{run_id}/resume")
    with postgresql.write() as session:
        lifecycle.request_cancel(session, run_id, cause=lifecycle.Cause("user:test"))
    with postgresql_http.stream(
        "GET", f"/runs/{run_id}/events?after=0", headers={"Accept": "text/event-stream"}
    ) as response:
        events = list(parse_events(response.iter_bytes()))
    pages = postgresql_http.get(f"/runs/{run_id}/events", params={"limit": 1000}).json()["items"]

    assert (cancelled.status_code, resumed.status_code) == (202, 202)
    assert [int(event.id) for event in events[1:]] == [entry["seq"] for entry in pages]
    assert events[-1].type == "end"
    assert len(postgresql_http.get(f"/runs/{run_id}/history", params={"limit": 200}).json()["items"]) > 10


@pytest.mark.services
def test_text_that_no_text_column_takes_never_reaches_postgresql(postgresql_http: httpx.Client) -> None:
    kinds = ("runs", "stages", "experiments", "methods", "artifacts")
    addresses = [f"/{kind}/{name}" for kind in kinds for name in ODD_NAMES]
    bodies = [f'{{"preset": "eir/demo", "name": "{text}"}}' for text in ODD_TEXTS]
    headers = {"Content-Type": "application/json"}

    shown = {postgresql_http.get(address).status_code for address in addresses}
    created = {postgresql_http.post("/runs", content=body, headers=headers).status_code for body in bodies}

    assert (shown, created) == ({404}, {422})


@pytest.mark.parametrize("part", ["", "/step-table", "/scores", "/rounds", "/predictions", "/series", "/events"])
def test_run_of_a_package_that_is_gone_can_still_be_looked_at(
    http: httpx.Client, database: Database, part: str
) -> None:
    run = make_run(database, stream={"kind": "of_another_lab", "pace": 3})

    assert http.get(f"/runs/{run.id}{part}").status_code == 200


def test_experiment_of_a_package_that_is_gone_can_still_be_looked_at(http: httpx.Client, database: Database) -> None:
    run = make_run(database, stream={"kind": "of_another_lab", "pace": 3})

    experiment = http.get(f"/experiments/{run.experiment_id}").json()

    assert (experiment["resolved"]["stream"]["pace"], experiment["classes_per_step"]) == (3, [])
