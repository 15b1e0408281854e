from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.adapters import cityscapes
from core.data.catalog import ADAPTERS
from core.data.faults import DataFaultError

NAME = "aachen_000000_000019"


def write(root: Path, name: str, ids: list[list[int]], suffix: str, split: str = "train") -> None:
    city = name.split("_", maxsplit=1)[0]
    label = np.array(ids, dtype=np.uint8)
    for folder, file, pixels in (
        ("leftImg8bit", cityscapes.IMAGE_SUFFIX, np.zeros((*label.shape, 3), np.uint8)),
        ("gtFine", suffix, label),
    ):
        path = root / folder / split / city / f"{name}{file}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def test_label_ids_become_train_ids(tmp_path: Path) -> None:
    write(tmp_path, NAME, [[7, 8, 33], [0, 1, 34]], cityscapes.LABEL_SUFFIX)
    (pair,) = cityscapes.list_pairs(tmp_path, "train")
    assert cityscapes.read_label(pair.label).tolist() == [[0, 1, 18], [255, 255, 255]]


def test_train_ids_are_taken_as_they_are_where_there_are_no_label_ids(tmp_path: Path) -> None:
    write(tmp_path, NAME, [[7, 18]], cityscapes.TRAIN_ID_SUFFIX)
    (pair,) = cityscapes.list_pairs(tmp_path, "train")
    assert cityscapes.read_label(pair.label).tolist() == [[7, 18]]


def test_images_come_by_city_and_name(tmp_path: Path) -> None:
    for name in ("zurich_000001_000019", "aachen_000002_000019", "aachen_000001_000019"):
        write(tmp_path, name, [[7]], cityscapes.LABEL_SUFFIX)
    pairs = cityscapes.list_pairs(tmp_path, "train")
    assert [pair.id for pair in pairs] == ["aachen_000001_000019", "aachen_000002_000019", "zurich_000001_000019"]
    assert [ADAPTERS["cityscapes"].group_of(pair.id) for pair in pairs] == ["aachen", "aachen", "zurich"]


@pytest.mark.parametrize(
    "line", [NAME, f"leftImg8bit/train/aachen/{NAME}_leftImg8bit.png", f"{NAME}_leftImg8bit.png x"]
)
def test_a_list_names_train_images_by_id_or_path(tmp_path: Path, line: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.txt").write_text(f"{line}\n")
    (pair,) = cityscapes.list_pairs(tmp_path, "mine")
    assert pair.image == tmp_path / "leftImg8bit" / "train" / "aachen" / f"{NAME}_leftImg8bit.png"


def test_published_lists_are_built_in(tmp_path: Path) -> None:
    pairs = cityscapes.list_pairs(tmp_path, "gtav-30")
    assert len(pairs) == 30
    assert pairs[0].id == "aachen_000033_000019"


def test_a_split_that_does_not_exist_says_which_do(tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match="the split does not exist"):
        cityscapes.list_pairs(tmp_path, "trian")


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path) -> None:
    (tmp_path / "leftImg8bit" / "train").mkdir(parents=True)
    with pytest.raises(DataFaultError, match="unpack the images"):
        cityscapes.list_pairs(tmp_path, "train")


def test_the_nineteen_classes_have_their_own_colours(tmp_path: Path) -> None:
    table = cityscapes.read_classes(tmp_path)
    assert len(table.names) == 19
    assert table.colour(10) == (70, 130, 180)
    assert table.background_id is None


def test_splits_are_the_folders_of_images_and_the_lists_of_train_images(tmp_path: Path) -> None:
    for split in ("val", "train"):
        write(tmp_path, NAME, [[7]], cityscapes.LABEL_SUFFIX, split)
    names = cityscapes.split_names(tmp_path)
    assert names[:2] == ["train", "val"]
    assert "gtav-30" in names[2:]
