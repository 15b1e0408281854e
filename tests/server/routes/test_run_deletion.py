from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from server.db import lifecycle
from server.db.base import utc_now
from server.db.models import Run
from server.db.session import Database
from server.services.feed import feed
from server.services.feed.hub import FeedHub
from server.services.feed.stream import stream
from server.storage import LocalStorage
from tests.support.results import add_artifact, add_evaluation, add_memory_items, add_summary
from tests.support.rows import USER, load_run, make_run, make_running_stage
from tests.support.serving import problem

BELOW = ["", "/history", "/events", "/series", "/series/loss", "/scores", "/step-table", "/artifacts"]


def _ended(database: Database) -> Run:
    run = make_run(database)
    with database.write() as session:
        lifecycle.request_cancel(session, run.id, cause=USER)
    return load_run(database, run.id)


def _delete(http: httpx.Client, run_id: str) -> httpx.Response:
    return http.delete(f"/runs/{run_id}", headers={"If-Match": http.get(f"/runs/{run_id}").headers["etag"]})


def test_deleted_run_and_all_that_belongs_to_it_is_found_nowhere(
    http: httpx.Client, database: Database, storage: LocalStorage
) -> None:
    run = _ended(database)
    stage = run.stages[0]
    add_summary(database, run.id, "loss", last=0.5, best=0.5)
    evaluation = add_evaluation(database, stage, [[3]], channels=[-1], miou_all=0.5)
    artifact = add_artifact(database, stage, "0" * 64, 1)
    item = add_memory_items(database, stage, [1])[0]
    addresses = [f"/runs/{run.id}{path}" for path in BELOW]
    addresses += [f"/stages/{stage.id}{path}" for path in ("", "/log", "/artifacts", "/memory-items")]
    addresses += [f"/evaluations/{evaluation}", f"/artifacts/{artifact}", f"/artifacts/{artifact}/content"]
    addresses += [f"/memory-items/{item}", f"/memory-items/{item}/thumbnail"]

    assert _delete(http, run.id).status_code == 204

    for address in addresses:
        problem(http.get(address), 404, "not-found")
    assert http.get("/runs").json()["items"] == []
    for action in ("cancel", "resume"):
        problem(http.post(f"/runs/{run.id}/{action}"), 404, "not-found")
    assert load_run(database, run.id).state == "cancelled"


def test_restored_run_is_as_it_was(http: httpx.Client, database: Database) -> None:
    run = _ended(database)
    _delete(http, run.id)

    restored = http.post(f"/runs/{run.id}/restore")
    again = http.post(f"/runs/{run.id}/restore")

    assert (restored.status_code, restored.json()["state"]) == (200, "cancelled")
    assert again.json()["revision"] == restored.json()["revision"]
    assert [item["id"] for item in http.get("/runs").json()["items"]] == [run.id]


@pytest.mark.parametrize("is_running", [False, True])
def test_live_run_cannot_be_deleted(http: httpx.Client, database: Database, is_running: bool) -> None:
    run_id = make_running_stage(database)[0].id if is_running else make_run(database).id

    content = problem(_delete(http, run_id), 409, "illegal-transition")

    assert "cancel it" in content["detail"]
    assert http.get(f"/runs/{run_id}").status_code == 200


def test_deletion_names_the_revision_it_means(http: httpx.Client, database: Database) -> None:
    run = _ended(database)

    problem(http.delete(f"/runs/{run.id}"), 428, "precondition-required")
    problem(http.delete(f"/runs/{run.id}", headers={"If-Match": '"1"'}), 412, "revision-mismatch")

    assert http.get(f"/runs/{run.id}").status_code == 200


def test_archived_run_leaves_the_list_and_keeps_its_state(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    head = {"If-Match": http.get(f"/runs/{run.id}").headers["etag"]}

    archived = http.patch(f"/runs/{run.id}", json={"is_archived": True}, headers=head)

    assert (archived.json()["is_archived"], archived.json()["state"]) == (True, "queued")
    assert archived.headers["etag"] == f'"{archived.json()["revision"]}"'
    assert http.get("/runs").json()["items"] == []
    assert [item["id"] for item in http.get("/runs", params={"archived": True}).json()["items"]] == [run.id]
    problem(http.patch(f"/runs/{run.id}", json={"is_archived": False}, headers=head), 412, "revision-mismatch")


def test_priority_changes_alone_and_moves_the_run_in_the_queue(http: httpx.Client, database: Database) -> None:
    first, second = make_run(database), make_run(database)
    head = {"If-Match": http.get(f"/runs/{second.id}").headers["etag"]}

    changed = http.patch(f"/runs/{second.id}", json={"priority": 7}, headers=head).json()

    assert (changed["priority"], changed["is_archived"]) == (7, False)
    assert changed["queue"] == {"position": 1, "length": 2, "seconds": None}
    assert http.get(f"/runs/{first.id}").json()["queue"]["position"] == 2


@pytest.mark.parametrize("body", [{}, {"priority": 101}, {"priority": "7"}, {"priority": None}])
def test_change_of_nothing_or_to_an_impossible_priority_is_refused(
    http: httpx.Client, database: Database, body: dict[str, object]
) -> None:
    run = make_run(database)
    head = {"If-Match": http.get(f"/runs/{run.id}").headers["etag"]}

    problem(http.patch(f"/runs/{run.id}", json=body, headers=head), 422, "validation-failed")

    assert http.get(f"/runs/{run.id}").json()["priority"] == 0


def test_changes_of_an_open_list_name_a_deleted_run_as_gone(http: httpx.Client, database: Database) -> None:
    run = _ended(database)
    as_of = http.get("/runs").json()["as_of"]
    _delete(http, run.id)

    changes = http.get("/runs/changes", params={"after": as_of}).json()

    assert (changes["items"], changes["left"], changes["total"]) == ([], [run.id], 0)


def test_open_stream_of_a_run_that_is_deleted_ends_and_says_so(database: Database) -> None:
    run, _, _ = make_running_stage(database)
    with database.read() as session:
        start = feed.snapshot(session, run.id)

    async def read() -> list[bytes]:
        hub = FeedHub(database, poll_s=0.01)
        frames = stream(hub, database, start, None, heartbeat_s=5)
        first = await anext(frames)
        with database.write() as session:
            # As if it had ended, and was deleted, between two looks at the database.
            session.get_one(Run, run.id).deleted_at = utc_now() - timedelta(seconds=1)
        return [first, *[frame async for frame in frames]]

    [_, last] = asyncio.run(asyncio.wait_for(read(), 10))

    assert b"event: end" in last
    assert b"the run was deleted" in last
