"""The images of registered datasets over HTTP, also when the files are not what they were."""

from __future__ import annotations

import io
import os
import shutil
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.specs import FolderDatasetSpec
from core.data.worlds.objects import ObjectsWorld
from core.data.worlds.objects_world import ObjectsDatasetSpec, materialise
from server.db.models import Dataset
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.datasets import cut_short, pairs_of, write_folder_dataset, write_png_header
from tests.support.registered import make_dataset, scan
from tests.support.serving import pointers, problem

TRAIN = ((1,), (1, 3), (3,))


@pytest.fixture
def spec(settings: Settings) -> FolderDatasetSpec:
    """Three training images of the classes 1 and 3, and one test image."""
    return write_folder_dataset(settings.data_roots[0] / "six", train=TRAIN, evaluation=((3,),))


@pytest.fixture
def dataset(database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path) -> Dataset:
    return scan(database, storage, make_dataset(database, spec), tmp_path)


def ids(answer: httpx.Response) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


def decoded(answer: httpx.Response) -> PILImage.Image:
    assert answer.status_code == 200, answer.text
    return PILImage.open(io.BytesIO(answer.content))


def test_images_are_paged_and_filtered_by_split_and_class(http: httpx.Client, dataset: Dataset) -> None:
    at = f"/datasets/{dataset.id}/images"

    first = http.get(at, params={"limit": 3}).json()
    second = http.get(at, params={"limit": 3, "cursor": first["next_cursor"]})

    assert (first["total"], [item["id"] for item in first["items"]]) == (4, ["train_0", "train_1", "train_2"])
    assert (ids(second), second.json()["next_cursor"]) == (["val_0"], None)
    assert ids(http.get(at, params={"class_id": 3})) == ["train_1", "train_2", "val_0"]
    assert ids(http.get(at, params={"class_id": 1, "split": "train", "limit": 1})) == ["train_0"]
    assert ids(http.get(at, params={"class_id": 6})) == []


def test_image_tells_its_size_classes_and_addresses(http: httpx.Client, dataset: Dataset) -> None:
    item = http.get(f"/datasets/{dataset.id}/images").json()["items"][1]

    address = f"/api/v1/datasets/{dataset.id}/images/train/1"
    assert (item["width"], item["height"], item["classes"]) == (32, 32, [0, 1, 3])
    assert (item["picture"], item["labels"]) == (f"{address}/picture", f"{address}/labels")


def test_split_that_is_not_there_is_refused_with_the_known_ones(http: httpx.Client, dataset: Dataset) -> None:
    answer = http.get(f"/datasets/{dataset.id}/images", params={"split": "test"})

    assert pointers(answer) == ["/split"]
    assert "splits are train, val" in answer.json()["detail"]


def test_before_its_first_scan_a_dataset_shows_no_images(
    http: httpx.Client, database: Database, spec: FolderDatasetSpec
) -> None:
    waiting = make_dataset(database, spec)

    assert http.get(f"/datasets/{waiting.id}/images").json() == {"items": [], "next_cursor": None, "total": 0}
    problem(http.get(f"/datasets/{waiting.id}/images/train/0/picture"), 404, "not-found")


def test_label_has_the_raw_ids(http: httpx.Client, dataset: Dataset, spec: FolderDatasetSpec) -> None:
    shown = decoded(http.get(f"/datasets/{dataset.id}/images/train/1/labels"))

    stored = np.asarray(PILImage.open(pairs_of(spec)[1].label))
    np.testing.assert_array_equal(np.asarray(shown), stored)


def test_large_picture_and_its_label_are_reduced_to_the_same_size(
    http: httpx.Client, database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    pair = pairs_of(spec)[0]
    PILImage.new("RGB", (3000, 1500), "red").save(pair.image)
    PILImage.new("L", (3000, 1500), 3).save(pair.label)
    dataset = scan(database, storage, make_dataset(database, spec), tmp_path)
    at = f"/datasets/{dataset.id}/images/train/0"

    assert decoded(http.get(f"{at}/picture")).size == decoded(http.get(f"{at}/labels")).size == (256, 128)
    assert decoded(http.get(f"{at}/picture?size=full")).size == (2048, 1024)
    full = decoded(http.get(f"{at}/labels?size=full"))
    assert (full.size, full.getextrema()) == ((2048, 1024), (3, 3))


def test_picture_is_kept_and_sent_once(http: httpx.Client, dataset: Dataset, settings: Settings) -> None:
    at = f"/datasets/{dataset.id}/images/train/0/picture"
    first = http.get(at)

    again = http.get(at, headers={"If-None-Match": first.headers["etag"]})

    kept = [path for path in (settings.home / "cache" / "pictures").rglob("*") if path.is_file()]
    assert (again.status_code, again.content) == (304, b"")
    assert [path.read_bytes() for path in kept] == [first.content]
    assert first.headers["content-type"] == "image/webp"


def test_metadata_of_a_picture_is_not_passed_on(
    http: httpx.Client, database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    exif = PILImage.Exif()
    exif[0x010E] = "secret place"
    PILImage.new("RGB", (32, 32)).save(pairs_of(spec)[0].image, exif=exif)
    dataset = scan(database, storage, make_dataset(database, spec), tmp_path)

    content = http.get(f"/datasets/{dataset.id}/images/train/0/picture").content

    assert b"secret" not in content


@pytest.mark.parametrize("split", ["..", "%2e%2e", "%252e%252e", "train%00", "C:%5C", "absent", "train%2F.."])
def test_split_never_becomes_a_path(http: httpx.Client, dataset: Dataset, split: str) -> None:
    assert http.get(f"/datasets/{dataset.id}/images/{split}/0/picture").status_code == 404


def test_image_that_vanished_is_a_problem_that_names_it(
    http: httpx.Client, dataset: Dataset, spec: FolderDatasetSpec
) -> None:
    at = f"/datasets/{dataset.id}/images/train/0/picture"
    http.get(at)
    pairs_of(spec)[0].image.unlink()

    detail = problem(http.get(at), 409, "data-error")["detail"]

    assert "train_0.png does not exist; put it back, or scan the dataset again" in detail


def test_image_that_changed_is_never_shown_as_the_one_that_was_scanned(
    http: httpx.Client, dataset: Dataset, spec: FolderDatasetSpec
) -> None:
    at = f"/datasets/{dataset.id}/images/train/0"
    pair = pairs_of(spec)[0]
    http.get(f"{at}/picture")
    shutil.copy(pairs_of(spec)[1].image, pair.image)

    assert "has changed since" in problem(http.get(f"{at}/picture"), 409, "data-error")["detail"]
    assert http.get(f"{at}/labels").status_code == 200


def test_file_with_another_time_and_the_same_bytes_is_shown(
    http: httpx.Client, dataset: Dataset, spec: FolderDatasetSpec
) -> None:
    os.utime(pairs_of(spec)[0].image, (1, 1))

    assert http.get(f"/datasets/{dataset.id}/images/train/0/picture").status_code == 200


def test_root_that_vanished_is_named_with_the_way_out(
    http: httpx.Client, dataset: Dataset, spec: FolderDatasetSpec
) -> None:
    Path(spec.root).rename(f"{spec.root}-away")

    for at in ("images", "images/train/0/picture", "images/train/0/labels"):
        detail = problem(http.get(f"/datasets/{dataset.id}/{at}"), 409, "data-error")["detail"]
        assert spec.root in detail
        assert "scan the dataset again" in detail


def test_damaged_and_oversized_pictures_are_problems(
    http: httpx.Client, database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    pairs = pairs_of(spec)
    cut_short(pairs[0].image)
    write_png_header(pairs[1].image, 20_000, 20_000)
    dataset = scan(database, storage, make_dataset(database, spec), tmp_path)
    at = f"/datasets/{dataset.id}/images"

    assert "cannot be decoded" in problem(http.get(f"{at}/train/0/picture"), 409, "data-error")["detail"]
    assert "at most 64 megapixels" in problem(http.get(f"{at}/train/1/picture"), 409, "data-error")["detail"]
    assert http.get(at).json()["items"][1]["width"] is None


def test_link_that_was_put_in_place_of_an_image_leads_nowhere(
    http: httpx.Client, dataset: Dataset, spec: FolderDatasetSpec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    image = pairs_of(spec)[0].image
    outside = tmp_path_factory.mktemp("outside") / "secret.png"
    image.rename(outside)
    image.symlink_to(outside)

    answer = http.get(f"/datasets/{dataset.id}/images/train/0/picture")

    assert "leads out of the allowed dataset roots" in problem(answer, 409, "data-error")["detail"]


def test_index_that_is_not_in_storage_is_a_problem(http: httpx.Client, dataset: Dataset, storage: LocalStorage) -> None:
    storage.delete(str(dataset.index_sha256))

    problem(http.get(f"/datasets/{dataset.id}/images"), 410, "content-missing")


def test_images_whose_labels_stand_in_one_file_have_labels_of_their_own(
    http: httpx.Client, database: Database, storage: LocalStorage, settings: Settings, tmp_path: Path
) -> None:
    world = ObjectsDatasetSpec(world="objects", labels="instances", size_px=32, train_images=2, eval_images=1)
    root = settings.data_roots[0] / "objects"
    root.mkdir(parents=True)
    materialise(world, root)
    dataset = scan(
        database, storage, make_dataset(database, FolderDatasetSpec(adapter="coco", root=str(root))), tmp_path
    )
    at = f"/datasets/{dataset.id}/images/train2017"

    drawn = [np.asarray(decoded(http.get(f"{at}/{index}/labels"))) for index in range(2)]

    for index, ids_drawn in enumerate(drawn):
        scene = ObjectsWorld(world.classes, 32, (1, 2)).scene(index)
        assert set(np.unique(ids_drawn)) <= {255, *scene.instance_classes.tolist()}
        assert (ids_drawn != 255).sum() == scene.masks.any(axis=0).sum()
    assert not np.array_equal(*drawn)
