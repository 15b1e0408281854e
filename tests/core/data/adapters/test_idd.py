from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.adapters import idd
from core.data.catalog import ADAPTERS
from core.data.faults import DataFaultError, FaultKind
from core.data.opening import open_dataset
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset

SKY, CURB, TERRAIN = 33, 19, 5
IDS = [0, SKY, CURB, TERRAIN, 39, 40, 255]


def write(root: Path, name: str, ids: list[int], split: str = "train", suffix: str = "_leftImg8bit.png") -> None:
    label = np.array([ids], np.uint8)
    grey = np.full((*label.shape, 3), ids[0], np.uint8)
    for path, pixels in (
        (root / "leftImg8bit" / split / f"{name}{suffix}", grey),
        (root / "gtFine" / split / f"{name}{idd.LABEL_SUFFIX}", label),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def spec(root: Path) -> FolderDatasetSpec:
    return FolderDatasetSpec.model_validate({"adapter": "idd", "root": str(root)})


def test_ids_become_train_ids_and_undefined_ones_stay_to_be_found(tmp_path: Path) -> None:
    write(tmp_path, "201/1", IDS)
    (pair,) = idd.list_pairs(tmp_path, "train")

    assert idd.read_label(pair.label).tolist() == [[0, 10, 255, 9, 255, 40, 255]]
    assert idd.table_of(pair.label, "7")[IDS].tolist() == [0, 4, 1, 255, 255, 40, 255]


def test_frames_that_are_called_alike_are_kept_apart_by_their_sequence(tmp_path: Path) -> None:
    for sequence, raw_id in (("201", 0), ("7", SKY)):
        write(tmp_path, f"{sequence}/000001", [raw_id])
        write(tmp_path, f"{sequence}/000001", [raw_id], "val")

    opened = open_dataset(spec(tmp_path), tmp_path)

    assert list(opened.train.ids) == ["201/000001", "7/000001"]
    assert [int(opened.train.image(at)[0, 0, 0]) for at in (0, 1)] == [0, SKY]
    assert [int(opened.train.label(at)[0, 0]) for at in (0, 1)] == [0, 10]
    assert [ADAPTERS["idd"].group_of(name) for name in opened.train.ids] == ["201", "7"]


def test_images_of_the_second_part_are_jpeg(tmp_path: Path) -> None:
    write(tmp_path, "1/a", [0], suffix="_leftImg8bit.jpg")

    assert [pair.id for pair in idd.list_pairs(tmp_path, "train")] == ["1/a"]


@pytest.mark.parametrize("line", ["201/7", "leftImg8bit/train/201/7_leftImg8bit.png", "201\\7"])
def test_a_list_names_train_images_by_id_or_path(tmp_path: Path, line: str) -> None:
    write(tmp_path, "201/7", [0])
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/few.txt").write_text(f"{line}\n")

    (pair,) = idd.list_pairs(tmp_path, "few")

    assert (pair.id, pair.image.is_file(), pair.label.is_file()) == ("201/7", True, True)
    assert idd.split_names(tmp_path) == ["train", "few"]


def test_a_line_that_leads_out_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "201/7", [0])
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/few.txt").write_text("../../../secret\n")

    with pytest.raises(DataFaultError, match="leads out of"):
        idd.list_pairs(tmp_path, "few")


def test_an_empty_split_and_a_missing_one_say_what_belongs_there(tmp_path: Path) -> None:
    (tmp_path / "leftImg8bit/train/201").mkdir(parents=True)

    with pytest.raises(DataFaultError, match=r"holds no SEQUENCE/\*_leftImg8bit.png; unpack the images here"):
        idd.list_pairs(tmp_path, "train")
    with pytest.raises(DataFaultError, match="the split does not exist"):
        idd.list_pairs(tmp_path, "trian")


def test_train_ids_in_place_of_the_forty_ids_are_named(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write(tmp_path, "201/1", [0, 2, 8, 10, 13], split)
        write(tmp_path, "201/2", [0, 18, 255], split)

    fault = verify_dataset(spec(tmp_path)).faults[0]

    assert fault.kind is FaultKind.TRAIN_IDS
    assert "201/1_gtFine_labelids.png: the 2 label files of its split hold no id above 18" in fault.message


def test_forty_ids_are_not_doubted(tmp_path: Path) -> None:
    write(tmp_path, "201/1", [0, 2, 8, 10, SKY])

    assert idd.doubt(idd.list_pairs(tmp_path, "train")) is None
