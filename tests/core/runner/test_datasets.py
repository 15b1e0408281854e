from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.faults import DataFaultError
from core.data.specs import FolderDatasetSpec
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.runner.datasets import open_datasets, stage_datasets
from core.streams.active_rounds import ActiveRoundsStream
from tests.support.datasets import pairs_of, write_folder_dataset

STREETS = StreetsDatasetSpec(world="streets", height_px=32, width_px=48, train_images=2, eval_images=1)


def test_every_dataset_of_the_stream_is_named_with_what_is_read_of_it() -> None:
    source = FolderDatasetSpec.model_validate({"adapter": "folder", "root": "/data/source"})

    found = stage_datasets(ActiveRoundsStream(source=source), STREETS)

    assert found["source"].spec == source.model_dump(mode="json")
    assert (found["source"].splits, found["source"].labelled) == (["train"], ["train"])
    assert found["target"].spec == STREETS.model_dump(mode="json")
    assert (found["target"].splits, found["target"].labelled) == (["train", "eval"], ["eval"])


def test_what_is_not_read_is_not_opened(tmp_path: Path) -> None:
    source = write_folder_dataset(tmp_path / "source")
    (Path(source.root) / "val.txt").unlink()

    opened = open_datasets(stage_datasets(ActiveRoundsStream(source=source), STREETS), tmp_path)

    assert (list(opened["target"].splits), list(opened["source"].splits)) == (["train", "eval"], ["train"])
    assert list(opened["source"].train.ids) == [pair.id for pair in pairs_of(source)]
    assert opened["target"].folder.adapter == "cityscapes"


def test_train_ids_where_label_ids_belong_are_refused_before_anything_is_learned(tmp_path: Path) -> None:
    root = tmp_path / "gta5"
    for folder, pixels in (
        ("images", np.zeros((1, 5, 3), np.uint8)),
        ("labels", np.array([[0, 1, 2, 8, 10]], np.uint8)),
    ):
        (root / folder).mkdir(parents=True)
        PILImage.fromarray(pixels).save(root / folder / "00001.png")
    source = FolderDatasetSpec.model_validate({"adapter": "gta5", "root": str(root)})
    datasets = stage_datasets(ActiveRoundsStream(source=source), STREETS)

    with pytest.raises(DataFaultError, match=r"labels/00001.png: .* hold ids up to 18 alone"):
        open_datasets(datasets, tmp_path)
