from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from server.db.session import Database
from server.storage import LocalStorage
from tests.support.results import add_memory_items, store
from tests.support.rows import make_run
from tests.support.serving import pointers, problem

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 300


def test_items_come_by_rank_with_counts_of_the_whole_snapshot(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    add_memory_items(database, stage, [3, 1, 3, 2])

    first = http.get(f"/stages/{stage.id}/memory-items", params={"limit": 3}).json()
    second = http.get(f"/stages/{stage.id}/memory-items", params={"limit": 3, "cursor": first["next_cursor"]}).json()

    assert [item["rank"] for item in first["items"] + second["items"]] == [0, 1, 2, 3]
    assert [(entry["id"], entry["items"], entry["bytes"]) for entry in first["classes"]] == [
        (1, 1, 100),
        (2, 1, 100),
        (3, 2, 200),
    ]
    assert (first["total_items"], first["total_bytes"]) == (4, 400)


def test_items_of_one_class(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    add_memory_items(database, stage, [3, 1, 3])

    page = http.get(f"/stages/{stage.id}/memory-items", params={"class_id": 3}).json()

    assert [item["rank"] for item in page["items"]] == [0, 2]
    assert page["total_items"] == 3


def test_stage_without_a_memory_has_an_empty_page(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]

    page = http.get(f"/stages/{stage.id}/memory-items").json()

    assert (page["items"], page["classes"], page["total_bytes"]) == ([], [], 0)


def test_shown_item_says_where_it_was_cut_from(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    item_id = add_memory_items(database, stage, [5])[0]

    item = http.get(f"/memory-items/{item_id}").json()

    assert (item["source"], item["box"], item["image_size"]) == ("image-0", [1, 2, 5, 8], [32, 24])
    assert (item["class_id"], item["colour"]) == (5, "#800080")


@pytest.mark.parametrize("picture", ["thumbnail", "crop", "label"])
def test_pictures_are_png_that_may_be_kept(
    http: httpx.Client, database: Database, storage: LocalStorage, tmp_path: Path, picture: str
) -> None:
    sha256 = store(storage, tmp_path, PNG)
    item_id = add_memory_items(database, make_run(database).stages[0], [5], sha256)[0]

    answer = http.get(f"/memory-items/{item_id}/{picture}")

    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-disposition"].startswith("inline")
    again = http.get(f"/memory-items/{item_id}/{picture}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_picture_that_is_gone_is_said_to_be_missing(http: httpx.Client, database: Database) -> None:
    item_id = add_memory_items(database, make_run(database).stages[0], [5])[0]

    problem(http.get(f"/memory-items/{item_id}/crop"), 410, "content-missing")


@pytest.mark.parametrize("path", ["", "/thumbnail", "/crop", "/label"])
@pytest.mark.parametrize("item_id", ["999", "0", "-1", "x", str(10**30)])
def test_unknown_item_is_not_found(http: httpx.Client, path: str, item_id: str) -> None:
    problem(http.get(f"/memory-items/{item_id}{path}"), 404, "not-found")


def test_class_outside_the_label_values_is_refused(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]

    assert pointers(http.get(f"/stages/{stage.id}/memory-items", params={"class_id": 256})) == ["/class_id"]
