from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.acquisition.catalog import AcquisitionName, QueryUnit
from core.acquisition.manifest import AnsweredQuery, join_answers
from core.acquisition.oracle import AUTHOR, answer_queries
from core.acquisition.queries import Query, QueryBatch, query_id
from core.data.classes import ClassTable
from core.data.faults import DataFaultError
from core.data.pairing import PairedFiles
from core.errors import DataError
from core.files import index_png
from core.streams.budgets import BudgetUnit
from tests.support.datasets import pairs_of, write_folder_dataset

CLASSES = ClassTable({raw_id: f"class {raw_id}" for raw_id in range(7)}, background_id=None)


@pytest.fixture
def dataset(tmp_path: Path) -> PairedFiles:
    return PairedFiles(pairs_of(write_folder_dataset(tmp_path / "data")), CLASSES)


def ask(folder: Path, image: str, unit: QueryUnit = QueryUnit.IMAGE, asked: np.ndarray | None = None) -> QueryBatch:
    """Return a batch with one query, whose mask lies in a folder."""
    key = query_id("run", 2, image)
    if asked is not None:
        (folder / "masks").mkdir()
        (folder / f"masks/{key}.png").write_bytes(index_png(asked.astype(np.uint8) * 255))
    query = Query(
        id=key,
        image=image,
        unit=unit,
        rank=0,
        value=1.0,
        width=32,
        height=32,
        pixels=1024,
        clicks=3,
        main_class=0,
        mask=None if asked is None else f"masks/{key}.png",
        picture="pictures/none.jpg",
        proposal="proposals/none.png",
        uncertainty="uncertainty/none.png",
    )
    return QueryBatch(
        round=2,
        acquisition=AcquisitionName.STAL,
        parameters={},
        unit=BudgetUnit.IMAGES,
        budget=1,
        seed=0,
        model_sha256="",
        class_ids=list(range(7)),
        pool_digest="",
        pool_size=1,
        total_images=1,
        histogram=[],
        histogram_range=(0, 1),
        pool_pixels={},
        queried_pixels={},
        queries=[query],
    )


def answers(batch: QueryBatch, folder: Path, dataset: PairedFiles) -> list[AnsweredQuery]:
    return list(answer_queries(batch, folder, dataset))


def test_a_whole_image_is_answered_with_its_own_labels(dataset: PairedFiles, tmp_path: Path) -> None:
    [one] = answers(ask(tmp_path, dataset.ids[1]), tmp_path, dataset)

    np.testing.assert_array_equal(one.labels, dataset.label(1))
    answer = one.answer
    # A block on the floor: two fills.
    assert (answer.author, answer.image, answer.round, answer.clicks) == (AUTHOR, dataset.ids[1], 2, 2)
    assert answer.pixels == 32 * 32


def test_only_what_was_asked_is_answered(dataset: PairedFiles, tmp_path: Path) -> None:
    asked = np.zeros((32, 32), bool)
    asked[2:5, 2:5] = True

    [one] = answers(ask(tmp_path, dataset.ids[0], QueryUnit.REGION, asked), tmp_path, dataset)

    np.testing.assert_array_equal(one.labels[asked], dataset.label(0)[asked])
    assert (one.labels[~asked] == CLASSES.ignore_id).all()
    assert (one.answer.pixels, one.labels.dtype) == (9, np.uint8)


def test_pixels_that_truth_ignores_are_not_counted(tmp_path: Path) -> None:
    classes = ClassTable({1: "block"}, ignore_id=0, background_id=None)
    dataset = PairedFiles(pairs_of(write_folder_dataset(tmp_path / "data", ((1,),), ((1,),))), classes)

    [one] = answers(ask(tmp_path, dataset.ids[0]), tmp_path, dataset)

    # The block has 10 x 10 pixels; all else is 0, which this dataset ignores.
    assert one.answer.pixels == int((dataset.label(0) != 0).sum()) == 100


def test_classes_that_the_round_does_not_learn_are_not_answered(dataset: PairedFiles, tmp_path: Path) -> None:
    truth = dataset.label(0)
    batch = ask(tmp_path, dataset.ids[0]).model_copy(update={"class_ids": [0]})
    assert set(np.unique(truth)) - {0}

    [one] = answers(batch, tmp_path, dataset)

    assert np.array_equal(one.labels, np.where(truth == 0, 0, 255))
    assert one.answer.pixels == int((truth == 0).sum())


def test_the_same_batch_gives_the_same_manifest(dataset: PairedFiles, tmp_path: Path) -> None:
    batch = ask(tmp_path, dataset.ids[0])

    first, second = (
        join_answers(tmp_path / name, answer_queries(batch, tmp_path, dataset)).digest() for name in ("one", "two")
    )

    assert first == second


def test_a_missing_mask_is_named(dataset: PairedFiles, tmp_path: Path) -> None:
    batch = ask(tmp_path, dataset.ids[0], QueryUnit.REGION, np.ones((32, 32), bool))
    next((tmp_path / "masks").iterdir()).unlink()

    with pytest.raises(DataFaultError, match="does not exist"):
        answers(batch, tmp_path, dataset)


def test_an_image_that_the_dataset_lacks_is_named(dataset: PairedFiles, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'elsewhere'"):
        answers(ask(tmp_path, "elsewhere"), tmp_path, dataset)


def test_what_people_answered_is_not_answered_again(dataset: PairedFiles, tmp_path: Path) -> None:
    batch = ask(tmp_path, dataset.ids[0])

    assert list(answer_queries(batch, tmp_path, dataset, {batch.queries[0].id})) == []
