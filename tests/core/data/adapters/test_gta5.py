from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.adapters import gta5
from core.data.faults import DataFaultError, FaultKind
from core.data.opening import open_dataset
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset


def write(root: Path, name: str, ids: list[list[int]]) -> None:
    for folder in ("images", "labels"):
        (root / folder).mkdir(exist_ok=True)
    label = np.array(ids, dtype=np.uint8)
    Image.fromarray(np.zeros((*label.shape, 3), np.uint8)).save(root / "images" / f"{name}.png")
    palette = Image.fromarray(label)
    # A palette whose luminance is no id: reading colours instead of indices would show.
    palette.putpalette([value for index in range(256) for value in (255 - index, index, 7)])
    palette.save(root / "labels" / f"{name}.png")


def test_palette_indices_become_train_ids(tmp_path: Path) -> None:
    write(tmp_path, "00001", [[7, 26, 0], [11, 34, 33]])
    (pair,) = gta5.list_pairs(tmp_path, "all")
    assert gta5.read_label(pair.label).tolist() == [[0, 13, 255], [2, 255, 18]]


@pytest.mark.parametrize(
    "line",
    [
        "00002",
        "00002.png",
        "gta5_00002_000019_leftImg8bit.png",
        "leftImg8bit/train/gta5/gta5_00002_000019_leftImg8bit.png",
    ],
)
def test_lists_may_name_images_as_the_reference_renames_them(tmp_path: Path, line: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.txt").write_text(f"{line}\n")
    assert [pair.id for pair in gta5.list_pairs(tmp_path, "mine")] == ["00002"]


@pytest.mark.parametrize("line", ["aachen", "100002", "0002"])
def test_a_line_that_names_no_image_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.txt").write_text(f"{line}\n")
    with pytest.raises(DataFaultError, match="names no image such as 00001"):
        gta5.list_pairs(tmp_path, "mine")


def test_the_published_source_images_are_built_in(tmp_path: Path) -> None:
    pairs = gta5.list_pairs(tmp_path, "stal-2000")
    assert (len(pairs), pairs[0].id) == (2000, "00016")


def test_an_empty_root_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match="unpack the images"):
        gta5.list_pairs(tmp_path, "all")


def test_splits_are_everything_and_the_lists(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "mine.txt").write_text("00001\n")
    assert gta5.split_names(tmp_path) == ["all", "mine", "stal-2000"]


def test_images_may_have_two_sizes_but_not_the_two_files_of_one(tmp_path: Path) -> None:
    write(tmp_path, "00001", [[7, 26, 23]])
    write(tmp_path, "00002", [[7, 26], [23, 11]])
    spec = FolderDatasetSpec.model_validate({"adapter": "gta5", "root": str(tmp_path)})

    report = verify_dataset(spec)

    assert report.is_sound, report.to_text()
    assert {(size.width, size.height) for size in report.splits[0].sizes} == {(3, 1), (2, 2)}
    Image.fromarray(np.zeros((5, 6, 3), np.uint8)).save(tmp_path / "images/00002.png")
    [fault] = [fault for fault in verify_dataset(spec).faults if fault.kind is FaultKind.SIZE_MISMATCH]
    assert fault.path == str(tmp_path / "labels/00002.png")


def test_a_missing_label_is_named(tmp_path: Path) -> None:
    write(tmp_path, "00001", [[7, 26, 23]])
    (tmp_path / "labels/00001.png").unlink()
    spec = FolderDatasetSpec.model_validate({"adapter": "gta5", "root": str(tmp_path)})

    with pytest.raises(DataFaultError, match=r"labels/00001.png: does not exist; the split lists it as the label"):
        open_dataset(spec, tmp_path, splits=["train"])
