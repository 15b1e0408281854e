from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.adapters import synthia
from core.data.faults import DataFaultError
from core.data.worlds.streets_world import wide_png


def write(root: Path, ids: list[list[int]], folder: str = "GT/LABELS") -> Path:
    """Write a label of 16-bit channels: class, and an instance that would be taken for a class by a careless reader."""
    path = root / folder / "0000000.png"
    path.parent.mkdir(parents=True)
    classes = np.array(ids, dtype=np.uint16)
    path.write_bytes(wide_png(np.stack([classes, classes * 300 + 7, np.zeros_like(classes)], axis=2)))
    return path


def test_the_first_channel_becomes_train_ids(tmp_path: Path) -> None:
    path = write(tmp_path, [[3, 1, 11], [0, 22, 2]])
    assert synthia.read_label(path).tolist() == [[0, 10, 18], [255, 255, 2]]


def test_ids_that_synthia_does_not_define_stay_unknown(tmp_path: Path) -> None:
    # 259 = 256 + 3: its lower byte alone would be a road.
    assert synthia.read_label(write(tmp_path, [[259, 3, 40]])).tolist() == [[254, 0, 40]]


@pytest.mark.parametrize("folder", ["GT/LABELS", "LABELS"])
def test_labels_are_found_in_either_folder(tmp_path: Path, folder: str) -> None:
    path = write(tmp_path, [[3]], folder)
    (tmp_path / "RGB").mkdir()
    (tmp_path / "RGB" / "0000000.png").touch()
    (pair,) = synthia.list_pairs(tmp_path, "all")
    assert pair.label == path


def test_only_the_sixteen_shared_classes_are_named(tmp_path: Path) -> None:
    names = synthia.read_classes(tmp_path).names
    assert len(names) == 16
    assert "terrain" not in names.values()
    assert names[18] == "bicycle"


def test_the_published_source_images_are_built_in(tmp_path: Path) -> None:
    assert len(synthia.list_pairs(tmp_path, "stal-2000")) == 2000


def test_an_empty_root_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match="unpack the images"):
        synthia.list_pairs(tmp_path, "all")


def test_splits_are_everything_and_the_lists(tmp_path: Path) -> None:
    assert synthia.split_names(tmp_path) == ["all", "stal-2000"]
