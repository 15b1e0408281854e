from __future__ import annotations

import httpx

from server.db.session import Database
from tests.support.results import add_worker
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
