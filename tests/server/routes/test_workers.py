from __future__ import annotations

from datetime import datetime

import httpx

from core.data.specs import FolderDatasetSpec
from server.db.models import Worker
from server.db.session import Database
from tests.support.registered import make_dataset
from tests.support.results import add_worker
from tests.support.rows import make_running_stage
from tests.support.serving import pointers


def test_workers_show_their_state_and_silent_ones_are_offline(http: httpx.Client, database: Database) -> None:
    add_worker(database, "a@host:1", state="busy")
    add_worker(database, "b@host:2", state="idle", silent_s=90)

    items = http.get("/workers").json()["items"]

    assert [(item["id"], item["state"]) for item in items] == [("a@host:1", "busy"), ("b@host:2", "offline")]


def test_worker_that_was_silent_for_a_day_is_not_listed(http: httpx.Client, database: Database) -> None:
    add_worker(database, "a@host:1", silent_s=25 * 3600)

    assert http.get("/workers").json()["items"] == []


def test_workers_come_in_pages(http: httpx.Client, database: Database) -> None:
    for number in range(3):
        add_worker(database, f"{number}@host:1")

    first = http.get("/workers", params={"limit": 2}).json()
    second = http.get("/workers", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["id"] for item in first["items"] + second["items"]] == ["0@host:1", "1@host:1", "2@host:1"]


def test_cursor_of_another_list_is_refused(http: httpx.Client, database: Database) -> None:
    for number in range(3):
        add_worker(database, f"{number}@host:1")
    cursor = http.get("/workers", params={"limit": 2}).json()["next_cursor"]

    assert pointers(http.get("/experiments", params={"cursor": cursor})) == ["/cursor"]


def test_work_of_a_worker_is_told_with_its_run_or_dataset(http: httpx.Client, database: Database) -> None:
    run, stage, _ = make_running_stage(database)
    dataset = make_dataset(database, FolderDatasetSpec(adapter="folder", root="/data/six"))
    for number in range(3):
        add_worker(database, f"{number}@host:1", state="busy", silent_s=90 if number == 2 else 0)
    with database.write() as session:
        session.get_one(Worker, "0@host:1").stage_id = stage.id
        session.get_one(Worker, "1@host:1").dataset_id = dataset.id
        session.get_one(Worker, "2@host:1").stage_id = stage.id

    items = http.get("/workers").json()["items"]

    assert items[0]["stage"] == {"id": stage.id, "run_id": run.id, "index": 0, "name": "step-0"}
    assert items[1]["dataset"] == {"id": dataset.id, "name": "six"}
    assert (items[2]["state"], items[2]["stage"]) == ("offline", None)


def test_answer_tells_the_time_by_which_the_others_are_to_be_read(http: httpx.Client, database: Database) -> None:
    add_worker(database, "a@host:1", silent_s=90)

    content = http.get("/workers").json()

    now, seen = (datetime.fromisoformat(text) for text in (content["now"], content["items"][0]["last_seen_at"]))
    assert 90 <= (now - seen).total_seconds() < 120
