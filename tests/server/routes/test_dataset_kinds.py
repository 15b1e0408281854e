from __future__ import annotations

import httpx
import pytest

from core.data.catalog import ADAPTERS, WORLDS
from server.settings import Settings
from tests.support.datasets import write_folder_dataset, write_voc_dataset
from tests.support.serving import problem


def test_list_has_the_worlds_and_then_the_adapters(http: httpx.Client) -> None:
    items = http.get("/dataset-kinds").json()["items"]

    assert [item["name"] for item in items] == [*WORLDS, *ADAPTERS]
    assert [item["kind"] for item in items] == ["world"] * len(WORLDS) + ["folder"] * len(ADAPTERS)


def test_options_of_an_adapter_fix_its_name_and_ask_for_a_root(http: httpx.Client) -> None:
    options = http.get("/dataset-kinds/voc").json()["options"]

    assert options["properties"]["adapter"]["const"] == "voc"
    assert set(options["required"]) == {"adapter", "root"}


def test_unknown_dataset_names_the_nearest(http: httpx.Client) -> None:
    answer = http.get("/dataset-kinds/object")

    assert "did you mean 'objects'?" in problem(answer, 404, "not-found")["detail"]


def test_root_that_does_not_exist_is_listed_as_such(http: httpx.Client, settings: Settings) -> None:
    items = http.get("/dataset-roots").json()["items"]

    assert items == [{"path": str(settings.data_roots[0]), "exists": False, "folders": []}]


def test_roots_list_the_folders_that_an_adapter_recognises(http: httpx.Client, settings: Settings) -> None:
    root = settings.data_roots[0]
    write_folder_dataset(root / "street" / "camvid")
    (root / "street" / "camvid" / "test_dusk.txt").write_text("one\n")
    write_voc_dataset(root / "voc")
    (root / "notes").mkdir()

    folders = http.get("/dataset-roots").json()["items"][0]["folders"]

    found = {(folder["path"], folder["adapter"]): folder for folder in folders}
    camvid = found[(str(root / "street" / "camvid"), "folder")]
    assert camvid["num_classes"] == 7
    assert camvid["splits"] == [{"name": "train", "images": 13}, {"name": "val", "images": 6}]
    assert camvid["split_names"] == ["test_dusk", "train", "val"]
    assert found[(str(root / "voc"), "voc")]["splits"][0] == {"name": "train_aug", "images": 13}
    assert not any("notes" in folder["path"] for folder in folders)


def test_link_that_leads_out_of_a_root_is_not_listed(
    http: httpx.Client, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    write_folder_dataset(outside / "secret")
    settings.data_roots[0].mkdir(parents=True)
    (settings.data_roots[0] / "link").symlink_to(outside / "secret")

    folders = http.get("/dataset-roots").json()["items"][0]["folders"]

    assert folders == []
