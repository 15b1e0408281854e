"""What scans say of the datasets of an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.data.specs import FolderDatasetSpec
from core.errors import Fault
from server.db.session import Database
from server.services.experiments.check import CheckedExperiment, check_document
from server.services.experiments.dataset_verdicts import named_datasets, scan_warnings
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.datasets import cut_short, make_label_smaller, pairs_of, write_folder_dataset
from tests.support.registered import make_dataset, scan

CLASSES = ("road", "sky", "car", "pole", "wall", "bus", "person")
TARGET = {"world": "streets", "height_px": 96, "width_px": 192}


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    """Storage below the test's folder."""
    return LocalStorage(settings.storage_folder)


@pytest.fixture
def spec(tmp_path: Path) -> FolderDatasetSpec:
    """A source of streets."""
    return write_folder_dataset(tmp_path / "source", classes=CLASSES)


def with_source(spec: FolderDatasetSpec, tmp_path: Path, **options: Any) -> CheckedExperiment:
    stream = {"source": spec.model_dump() | options, "initial_images": 2, "budgets": [2]}
    document = {"method": "stal", "dataset": TARGET, "stream": stream, "config": {"data": {"crop_px": 64}}}
    return check_document(document, data_roots=[tmp_path], presence_cache=tmp_path)


def warnings(database: Database, checked: CheckedExperiment) -> list[Fault]:
    with database.read() as session:
        return list(scan_warnings(session, checked))


def test_a_folder_that_nobody_registered_is_said_to_be_unscanned(
    database: Database, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    [warning] = warnings(database, with_source(spec, tmp_path))

    assert (warning.pointer, warning.code) == ("/stream/source/root", "not_scanned")
    assert f"register '{spec.root}' on the page Datasets" in warning.message


def test_a_folder_whose_scan_has_not_ended_is_said_to_be_unscanned(
    database: Database, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    make_dataset(database, spec, "streets")

    [warning] = warnings(database, with_source(spec, tmp_path))

    assert "the dataset 'streets' is registered, but its scan has not ended" in warning.message


def test_labels_of_another_size_are_known_before_the_launch(
    database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    make_label_smaller(pairs_of(spec)[1])
    cut_short(pairs_of(spec)[2].image)
    row = scan(database, storage, make_dataset(database, spec, "streets"), tmp_path)
    checked = with_source(spec, tmp_path, eval_split="")

    [warning] = warnings(database, checked)

    assert (warning.pointer, warning.code) == ("/stream/source/root", "dataset_faulty")
    assert "the last scan of the dataset 'streets' found 2 faults: " in warning.message
    assert "1 of the kind 'image and label differ in size'" in warning.message
    with database.read() as session:
        [named] = named_datasets(session, checked)
    assert (named.pointer, named.dataset_id, named.state, named.num_faults) == (
        "/document/stream/source",
        row.id,
        "faulty",
        2,
    )


def test_a_sound_folder_and_a_world_need_no_word(
    database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    scan(database, storage, make_dataset(database, spec, "streets"), tmp_path)

    assert warnings(database, with_source(spec, tmp_path)) == []


def test_another_split_than_the_scanned_ones_is_unscanned(
    database: Database, storage: LocalStorage, spec: FolderDatasetSpec, tmp_path: Path
) -> None:
    (tmp_path / "source/few.txt").write_text("train_0\n")
    scan(database, storage, make_dataset(database, spec, "streets"), tmp_path)

    assert [one.code for one in warnings(database, with_source(spec, tmp_path, train_split="few"))] == ["not_scanned"]


def test_missing_labels_of_images_that_people_label_are_no_obstacle(
    database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    spec = write_folder_dataset(tmp_path / "target", classes=CLASSES)
    pairs_of(spec)[5].label.unlink()
    scan(database, storage, make_dataset(database, spec, "streets"), tmp_path)
    # Images 0 and 1 are labelled at the start.
    (tmp_path / "target/start.txt").write_text("train_0\ntrain_1\n")
    stream = {"initial_list": "start", "budgets": [2], "oracle": "none"}
    document = {"method": "stal", "dataset": spec.model_dump(), "stream": stream, "config": {"data": {"crop_px": 32}}}

    checked = check_document(document, data_roots=[tmp_path], presence_cache=tmp_path)

    assert warnings(database, checked) == []
