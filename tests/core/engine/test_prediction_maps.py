"""Predictions as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image as PILImage

from core.engine.prediction_maps import MapWriter
from tests.support.rounds import pictures

RAW_OF = np.array([0, 3], np.uint8)


def test_each_kind_is_written_under_the_images_name(tmp_path: Path) -> None:
    dataset = pictures(2)
    writer = MapWriter(tmp_path, ("ids", "colours"), dataset, RAW_OF)

    writer.write(np.array([1]), torch.tensor([[[0, 1]]]))

    with PILImage.open(tmp_path / "ids" / f"{dataset.ids[1]}.png") as ids:
        assert np.asarray(ids).tolist() == [[0, 3]]
    with PILImage.open(tmp_path / "colours" / f"{dataset.ids[1]}.png") as colours:
        assert np.asarray(colours).tolist() == [[list(dataset.classes.colour(0)), list(dataset.classes.colour(3))]]


def test_nothing_is_written_where_no_kind_is_asked_for(tmp_path: Path) -> None:
    MapWriter(tmp_path, (), pictures(1), RAW_OF).write(np.array([0]), torch.tensor([[[0]]]))

    assert list(tmp_path.iterdir()) == []
