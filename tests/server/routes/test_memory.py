from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from server.db.session import Database
from server.storage import LocalStorage
from tests.support.memories import add_items_with, add_pastes, add_snapshot
from tests.support.results import add_memory_items, store
from tests.support.rows import make_run
from tests.support.serving import pointers, problem

PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 300
JPEG = b"\xff\xd8\xff\xe0" + b"pixels" * 300


HTML = "<img src=x onerror=alert(1)>.png"
SORTS = ["rank", "area", "bytes", "times_drawn"]


def pages(http: httpx.Client, stage_id: str, limit: int, **query: Any) -> list[dict[str, Any]]:
    """All items of a snapshot, read page by page."""
    items, cursor = [], None
    while True:
        wanted = query | {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = http.get(f"/stages/{stage_id}/memory-items", params=wanted).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def test_items_come_by_rank_with_a_total_where_it_is_asked_for(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    add_memory_items(database, stage, [3, 1, 3, 2])

    first = http.get(f"/stages/{stage.id}/memory-items", params={"limit": 3, "count": "exact"}).json()
    second = http.get(f"/stages/{stage.id}/memory-items", params={"limit": 3, "cursor": first["next_cursor"]}).json()

    assert [item["rank"] for item in first["items"] + second["items"]] == [0, 1, 2, 3]
    assert (first["total"], second["total"], second["next_cursor"]) == (4, None, None)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_under_every_order_hold_each_item_once(
    http: httpx.Client, database: Database, sort: str, order: str
) -> None:
    stage = make_run(database).stages[0]
    ids = add_items_with(
        database,
        stage,
        {
            "rank": [4, 3, 2, 1, 0],
            "area": [10, 30, 10, 20, 10],
            "bytes": [7, 7, 7, 7, 7],
            "times_drawn": [0, 5, 5, 0, 1],
        },
    )
    # By hand, the id breaking ties upwards: positions in `ids`.
    expected = {
        ("rank", "asc"): [4, 3, 2, 1, 0],
        ("rank", "desc"): [0, 1, 2, 3, 4],
        ("area", "asc"): [0, 2, 4, 3, 1],
        ("area", "desc"): [1, 3, 0, 2, 4],
        ("bytes", "asc"): [0, 1, 2, 3, 4],
        ("bytes", "desc"): [0, 1, 2, 3, 4],
        ("times_drawn", "asc"): [0, 3, 4, 1, 2],
        ("times_drawn", "desc"): [1, 2, 4, 0, 3],
    }[sort, order]

    items = pages(http, stage.id, 2, sort=sort, order=order)

    assert [ids.index(item["id"]) for item in items] == expected


def test_cursor_of_another_order_is_refused(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    add_memory_items(database, stage, [1, 1])
    cursor = http.get(f"/stages/{stage.id}/memory-items", params={"limit": 1, "sort": "area"}).json()["next_cursor"]

    answer = http.get(f"/stages/{stage.id}/memory-items", params={"cursor": cursor, "sort": "area", "order": "desc"})

    assert pointers(answer) == ["/cursor"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"step_added": 1}, [1, 3]),
        ({"source": "Train/1.png"}, [0]),
        ({"source": "train/1"}, []),
        ({"source_contains": "train/1"}, [0, 1]),
        ({"source_contains": "0%"}, [2]),
        ({"source_contains": "_"}, []),
        ({"source_contains": "<img"}, [3]),
        ({"source": HTML}, [3]),
        ({"source_contains": "train", "step_added": 1}, [1]),
    ],
)
def test_items_are_narrowed(http: httpx.Client, database: Database, query: dict[str, Any], expected: list[int]) -> None:
    stage = make_run(database).stages[0]
    ids = add_items_with(
        database, stage, {"step_added": [0, 1, 0, 1], "source": ["Train/1.png", "train/11.png", "50%", HTML]}
    )

    page = http.get(f"/stages/{stage.id}/memory-items", params={"count": "exact", **query}).json()

    assert [ids.index(item["id"]) for item in page["items"]] == expected
    assert page["total"] == len(expected)


def test_markup_in_the_name_of_a_source_is_data(http: httpx.Client, database: Database) -> None:
    item_id = add_items_with(database, make_run(database).stages[0], {"source": [HTML]})[0]

    answer = http.get(f"/memory-items/{item_id}")

    assert answer.json()["source"] == HTML
    assert answer.headers["content-type"] == "application/json"


def test_items_of_one_class(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    add_memory_items(database, stage, [3, 1, 3])

    page = http.get(f"/stages/{stage.id}/memory-items", params={"class_id": 3, "count": "exact"}).json()

    assert [item["rank"] for item in page["items"]] == [0, 2]
    assert page["total"] == 2


def test_stage_without_a_memory_has_an_empty_page(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]

    page = http.get(f"/stages/{stage.id}/memory-items").json()

    assert (page["items"], page["next_cursor"]) == ([], None)


def test_matrix_counts_each_class_after_each_stage_and_names_what_is_missing(
    http: httpx.Client, database: Database
) -> None:
    run = make_run(database)
    add_snapshot(database, run.stages[0], [3, 1], budget=5)
    add_memory_items(database, run.stages[0], [3, 1, 3])
    add_snapshot(database, run.stages[1], [3, 1, 2], budget=5, warnings=["too few"])
    add_memory_items(database, run.stages[1], [1])

    matrix = http.get(f"/runs/{run.id}/memory").json()

    first, second = matrix["snapshots"]
    assert [label["id"] for label in matrix["classes"]] == [1, 2, 3]
    assert first["cells"] == [
        {"class_id": 1, "items": 1, "bytes": 100},
        {"class_id": 3, "items": 2, "bytes": 200},
    ]
    assert (first["stage_index"], first["items"], first["bytes"], first["budget_per_class"]) == (0, 3, 300, 2.5)
    assert (first["missing_classes"], first["warnings"]) == ([], [])
    assert (second["items"], second["budget"], second["missing_classes"]) == (1, 5, [2, 3])
    assert second["budget_per_class"] == pytest.approx(5 / 3)
    assert second["warnings"] == ["too few"]


def test_run_without_snapshots_has_an_empty_matrix(http: httpx.Client, database: Database) -> None:
    assert http.get(f"/runs/{make_run(database).id}/memory").json() == {"classes": [], "snapshots": []}


def test_matrix_of_an_unknown_run_is_not_found(http: httpx.Client) -> None:
    problem(http.get("/runs/00000000-0000-7000-8000-000000000000/memory"), 404, "not-found")


def test_pastes_of_an_item_come_stage_by_stage_from_its_own_run(http: httpx.Client, database: Database) -> None:
    run, other = make_run(database), make_run(database, seed=1)
    item_id = add_memory_items(database, run.stages[0], [5])[0]
    name = http.get(f"/memory-items/{item_id}").json()["item_id"]
    later = add_pastes(database, run.stages[2], name, ["c"], times=4)
    earlier = add_pastes(database, run.stages[1], name, ["a", HTML])
    add_pastes(database, run.stages[1], "another item", ["x"])
    add_pastes(database, other.stages[1], name, ["x"])

    first = http.get(f"/memory-items/{item_id}/pastes", params={"limit": 2}).json()
    second = http.get(f"/memory-items/{item_id}/pastes", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    items = first["items"] + second["items"]
    assert [item["id"] for item in items] == earlier + later
    assert [(item["stage_index"], item["source"]) for item in items] == [(1, "a"), (1, HTML), (2, "c")]
    assert (items[0]["box"], items[0]["image_size"], items[0]["lam"]) == ([0, 1, 4, 6], [32, 32], 0.75)
    assert [(draw["stage_index"], draw["times"]) for draw in first["draws"]] == [(1, 9), (2, 4)]
    assert second["next_cursor"] is None


def test_item_that_no_stage_was_given_has_no_pastes(http: httpx.Client, database: Database) -> None:
    item_id = add_memory_items(database, make_run(database).stages[0], [5])[0]

    assert http.get(f"/memory-items/{item_id}/pastes").json() == {"items": [], "next_cursor": None, "draws": []}


def test_source_image_and_training_image_are_jpeg(
    http: httpx.Client, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    stage = make_run(database).stages[0]
    sha256 = store(storage, tmp_path, JPEG)
    item_id = add_memory_items(database, stage, [5], sha256)[0]
    paste_id = add_pastes(database, stage, "item", ["image"], sha256)[0]

    for path in (f"/memory-items/{item_id}/source", f"/memory-pastes/{paste_id}/picture"):
        answer = http.get(path)
        assert answer.content == JPEG
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("inline")
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("paste_id", ["999", "0", "x"])
def test_unknown_paste_is_not_found(http: httpx.Client, paste_id: str) -> None:
    problem(http.get(f"/memory-pastes/{paste_id}/picture"), 404, "not-found")


def test_shown_item_says_where_it_was_cut_from(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]
    item_id = add_memory_items(database, stage, [5])[0]

    item = http.get(f"/memory-items/{item_id}").json()

    assert (item["source"], item["box"], item["image_size"]) == ("image-0", [1, 2, 5, 8], [32, 24])
    assert (item["class_id"], item["colour"]) == (5, "#dbb600")


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


@pytest.mark.parametrize("path", ["", "/thumbnail", "/crop", "/label", "/source", "/pastes"])
@pytest.mark.parametrize("item_id", ["999", "0", "-1", "x", str(10**30)])
def test_unknown_item_is_not_found(http: httpx.Client, path: str, item_id: str) -> None:
    problem(http.get(f"/memory-items/{item_id}{path}"), 404, "not-found")


def test_class_outside_the_label_values_is_refused(http: httpx.Client, database: Database) -> None:
    stage = make_run(database).stages[0]

    assert pointers(http.get(f"/stages/{stage.id}/memory-items", params={"class_id": 256})) == ["/class_id"]
