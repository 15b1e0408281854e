"""Registering datasets over HTTP."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from server.db.models import Dataset
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.datasets import pairs_of, put_id_into_label, write_folder_dataset
from tests.support.registered import make_dataset, scan
from tests.support.serving import pointers, problem

WORLD = {"world": "objects", "classes": 2, "size_px": 32, "train_images": 4, "eval_images": 2}


@pytest.fixture
def root(settings: Settings) -> Path:
    """A sound dataset below the allowed root."""
    folder = settings.data_roots[0] / "six"
    write_folder_dataset(folder)
    return folder


def register(http: httpx.Client, **body: object) -> httpx.Response:
    return http.post("/datasets", json=body)


def test_registered_folder_waits_for_its_scan(http: httpx.Client, root: Path) -> None:
    answer = register(http, name=" six ", adapter="folder", root=str(root))

    content = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/datasets/{content['id']}"
    assert (content["name"], content["state"], content["is_waiting"]) == ("six", "scanning", True)
    assert content["spec"] == {"adapter": "folder", "root": str(root), "train_split": "train", "eval_split": "val"}
    assert http.get(f"/datasets/{content['id']}").json() == content
    assert [item["name"] for item in http.get("/datasets").json()["items"]] == ["six"]


def test_registered_world_names_the_folder_that_it_will_be_drawn_in(http: httpx.Client, settings: Settings) -> None:
    content = register(http, name="shapes", world=WORLD).json()

    assert content["spec"] == {**WORLD, "density_min": 1, "density_max": 2, "seed": 0}
    assert content["root"].startswith(str(settings.home / "cache" / "worlds" / "objects-"))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"adapter": "folder", "root": "/etc"}, "/root"),
        ({"adapter": "folder", "root": "relative"}, "/root"),
        ({"adapter": "nothing", "root": "/etc"}, "/adapter"),
        ({"adapter": "folder"}, "/root"),
        ({}, "/root"),
        ({"adapter": "folder", "root": "/x", "world": WORLD}, "/root"),
        ({"world": {**WORLD, "classes": 99}}, "/world/classes"),
        ({"world": {"classes": 2}}, "/world/world"),
        ({"world": {"world": "seas"}}, "/world/world"),
        ({"world": WORLD, "colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(http: httpx.Client, body: dict[str, object], pointer: str) -> None:
    assert pointers(register(http, name="x", **body)) == [pointer]


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 101])
def test_name_is_one_line_that_says_something(http: httpx.Client, root: Path, name: str) -> None:
    assert pointers(register(http, name=name, adapter="folder", root=str(root))) == ["/name"]


def test_folder_of_another_layout_is_refused_with_the_reason(http: httpx.Client, root: Path) -> None:
    answer = register(http, name="six", adapter="voc", root=str(root))

    assert pointers(answer) == ["/root"]
    assert "the split does not exist" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    ["/../../etc", "/%2e%2e/%2e%2e/etc", "/six/../../../etc", "\\\\host\\share", "/six\0", "/#six", "/" + "x" * 3000],
)
def test_path_cannot_leave_the_roots(http: httpx.Client, settings: Settings, root: Path, path: str) -> None:
    answer = register(http, name="six", adapter="folder", root=f"{settings.data_roots[0]}{path}")

    assert pointers(answer) == ["/root"]


def test_link_that_leads_out_of_the_roots_is_refused(
    http: httpx.Client, settings: Settings, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "six"
    write_folder_dataset(outside)
    (settings.data_roots[0] / "link").symlink_to(outside)

    answer = register(http, name="six", adapter="folder", root=str(settings.data_roots[0] / "link"))

    assert pointers(answer) == ["/root"]


@pytest.mark.parametrize("name", ["classes.json", "train.txt"])
def test_a_pipe_in_place_of_a_file_freezes_nothing(http: httpx.Client, root: Path, name: str) -> None:
    (root / name).unlink()
    os.mkfifo(root / name)
    (root / "val.txt").unlink()

    answers = [register(http, name="six", adapter="folder", root=str(root)) for _ in range(3)]
    listed = http.get("/dataset-roots")

    assert [f"{name}: is a named pipe" in answer.json()["detail"] for answer in answers] == [True] * 3
    assert listed.status_code == 200


def test_name_is_taken_once(http: httpx.Client, root: Path) -> None:
    register(http, name="six", adapter="folder", root=str(root))

    answer = register(http, name="six", adapter="folder", root=str(root))

    assert "a dataset named 'six'" in problem(answer, 409, "name-taken")["detail"]


def test_of_many_registrations_of_one_name_at_once_one_succeeds(http: httpx.Client, root: Path) -> None:
    def send(_: int) -> int:
        return register(http, name="six", adapter="folder", root=str(root)).status_code

    with ThreadPoolExecutor(max_workers=8) as threads:
        statuses = list(threads.map(send, range(8)))

    assert sorted(statuses) == [201] + [409] * 7
    assert len(http.get("/datasets").json()["items"]) == 1


def test_name_may_be_any_text(http: httpx.Client, root: Path) -> None:
    name = "<script>alert(1)</script> & 'ü'"

    content = register(http, name=name, adapter="folder", root=str(root)).json()

    assert http.get(f"/datasets/{content['id']}").json()["name"] == name


def test_list_comes_in_pages_by_name(http: httpx.Client, root: Path) -> None:
    for name in ("b", "c", "a"):
        register(http, name=name, adapter="folder", root=str(root))

    first = http.get("/datasets", params={"limit": 2}).json()
    second = http.get("/datasets", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [[item["name"] for item in page["items"]] for page in (first, second)] == [["a", "b"], ["c"]]
    assert second["next_cursor"] is None


def test_scanned_dataset_tells_counts_classes_and_faults(
    http: httpx.Client, database: Database, storage: LocalStorage, settings: Settings, tmp_path: Path
) -> None:
    spec = write_folder_dataset(settings.data_roots[0] / "six", train=((1,), (1, 3)), evaluation=((3,),))
    put_id_into_label(pairs_of(spec)[0], 77, 3)
    dataset = scan(database, storage, make_dataset(database, spec), tmp_path)

    content = http.get(f"/datasets/{dataset.id}").json()

    assert (content["state"], content["num_faults"], content["fault_counts"]) == ("faulty", 1, {"unknown_id": 1})
    assert "label id 77 (3 pixels) is not in the class list" in content["faults"][0]["message"]
    assert content["classes"][1] == {"id": 1, "name": "one", "colour": "#0000ff"}
    train = content["splits"][0]
    assert (train["name"], train["images"], train["sound"]) == ("train", 2, 1)
    assert train["images_per_class"] == {"0": 1, "1": 1, "3": 1}
    assert train["pixels_per_class"] == {"0": 32 * 32 - 200, "1": 100, "3": 100}
    assert train["sizes"] == [{"width": 32, "height": 32, "images": 2}]
    assert [(entry["id"], entry["pixels"]) for entry in train["unknown_labels"]] == [(77, 3)]
    assert len(content["digest"]) == 64


def test_scan_can_be_asked_for_again_and_asking_twice_changes_nothing(
    http: httpx.Client, database: Database, storage: LocalStorage, root: Path, tmp_path: Path
) -> None:
    created = register(http, name="six", adapter="folder", root=str(root)).json()
    with database.read() as session:
        dataset = session.get_one(Dataset, created["id"])
    scan(database, storage, dataset, tmp_path)

    answers = [http.post(f"/datasets/{dataset.id}/scan") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.json()["state"] for answer in answers} == {"scanning"}
    assert answers[1].json()["splits"] != []
    with database.read() as session:
        assert session.get_one(Dataset, dataset.id).scan_no == 2


def test_forgotten_dataset_leaves_its_files_and_takes_its_index(
    http: httpx.Client, database: Database, storage: LocalStorage, settings: Settings, tmp_path: Path
) -> None:
    spec = write_folder_dataset(settings.data_roots[0] / "six")
    one, two = (scan(database, storage, make_dataset(database, spec, name), tmp_path) for name in ("one", "two"))
    index = str(one.index_sha256)

    assert http.delete(f"/datasets/{one.id}").status_code == 204
    assert storage.exists(index)
    assert http.delete(f"/datasets/{two.id}").status_code == 204
    assert not storage.exists(index)
    problem(http.get(f"/datasets/{two.id}"), 404, "not-found")
    assert (settings.data_roots[0] / "six" / "train.txt").is_file()
