from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.data.opening import on_disk, open_dataset
from core.data.presence import known_presence, scan_presence
from core.data.specs import FolderDatasetSpec
from core.data.verify import check_dataset
from core.data.worlds.streets_world import StreetsDatasetSpec


@pytest.mark.parametrize("layout", ["gta5", "cityscapes", "idd", "mapillary"])
def test_one_check_of_a_dataset_gives_its_scan_by_every_class_list(layout: str, tmp_path: Path) -> None:
    world = {"world": "streets", "layout": layout, "height_px": 40, "width_px": 80, "train_images": 3, "eval_images": 1}
    folder = on_disk(StreetsDatasetSpec.model_validate(world), tmp_path)

    check_dataset(folder, tmp_path / "presence")

    for name in (None, "19", "7", "7-consistent"):
        spec = FolderDatasetSpec.model_validate({**folder.model_dump(), "class_list": name})
        train = open_dataset(spec, tmp_path).train
        known = known_presence(train, tmp_path / "presence")
        assert known is not None, name
        np.testing.assert_array_equal(known.pixels, scan_presence(train).pixels)


def test_a_check_by_a_class_list_reads_labels_so(tmp_path: Path) -> None:
    world = StreetsDatasetSpec(world="streets", height_px=40, width_px=80, train_images=3, eval_images=1)
    spec = FolderDatasetSpec.model_validate({**on_disk(world, tmp_path).model_dump(), "class_list": "7"})

    report = check_dataset(spec, tmp_path / "presence").report

    assert report.is_sound, report.to_text()
    assert set(report.splits[0].pixels) <= {*range(7), 255}
    assert known_presence(open_dataset(spec, tmp_path).train, tmp_path / "presence") is not None
