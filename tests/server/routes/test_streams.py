from __future__ import annotations

import httpx

from server.settings import Settings
from tests.support.datasets import write_folder_dataset
from tests.support.serving import pointers


def test_schedules_are_listed_with_their_steps(http: httpx.Client) -> None:
    items = {item["name"]: item["steps"] for item in http.get("/schedules").json()["items"]}

    assert items["voc/15-5"] == [list(range(1, 16)), list(range(16, 21))]
    assert "ade20k/100-50" in items


def test_preview_tells_classes_and_steps(http: httpx.Client, settings: Settings) -> None:
    spec = write_folder_dataset(settings.data_roots[0] / "six")
    body = {"dataset": {"adapter": "folder", "root": spec.root}, "stream": {"steps": [[0], [1, 2]]}}

    answer = http.post("/stream-preview", json=body).json()

    assert [label["name"] for label in answer["classes"]][:2] == ["floor", "one"]
    assert answer["is_scanned"] is False
    assert [step["classes"] for step in answer["steps"]] == [[0], [1, 2]]


def test_preview_of_a_folder_outside_the_roots_is_refused(http: httpx.Client) -> None:
    body = {"dataset": {"adapter": "voc", "root": "/etc"}, "stream": {"steps": [[1]]}}

    assert pointers(http.post("/stream-preview", json=body)) == ["/dataset/root"]


def test_preview_of_known_and_unknown_classes_by_name(http: httpx.Client) -> None:
    world = {
        "world": "objects",
        "labels": "instances",
        "classes": 3,
        "size_px": 32,
        "train_images": 2,
        "eval_images": 1,
    }
    body = {"dataset": world, "stream": {"kind": "open_set", "known": ["ball", "tend"]}}

    (fault,) = http.post("/stream-preview", json=body).json()["faults"]
    body["stream"]["known"] = ["ball", "tent"]
    answer = http.post("/stream-preview", json=body).json()

    assert fault["pointer"] == "/stream/known/1"
    assert fault["message"].endswith("it has ball, crate, tent; did you mean 'tent'?")
    assert [label["name"] for label in answer["classes"]] == ["ball", "crate", "tent"]
