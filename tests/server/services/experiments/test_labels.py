from __future__ import annotations

from typing import Any

import pytest

from server.services.experiments.labels import dataset_label, stream_label


@pytest.mark.parametrize(
    ("dataset", "label"),
    [
        ({"world": "objects", "classes": 6}, "objects"),
        ({"adapter": "folder", "root": "/data/camvid/"}, "camvid"),
        ({"adapter": "voc", "root": "/"}, "voc"),
        ({}, ""),
    ],
)
def test_dataset_is_called_by_its_world_or_folder(dataset: dict[str, Any], label: str) -> None:
    assert dataset_label(dataset) == label


@pytest.mark.parametrize(
    ("stream", "label"),
    [
        ({"steps": [[1, 2], [3, 4], [5, 6]]}, "6 classes, 2-2-2"),
        ({"steps": [[1]]}, "1 class, 1"),
        ({"steps": [list(range(100)), *([[step] * 5 for step in range(10)])]}, "150 classes, 100-5 in 11 steps"),
        ({"domains": ["a", "b"]}, "domains a > b"),
        ({"kind": "active_learning"}, "active learning"),
    ],
)
def test_stream_is_told_in_a_few_words(stream: dict[str, Any], label: str) -> None:
    assert stream_label(stream) == label


def test_a_stream_of_rounds_is_told_by_its_start_and_budgets() -> None:
    stream = {"initial_images": 30, "budgets": [35.0, 85.0], "unit": "images", "source": {"world": "streets"}}

    assert stream_label(stream) == "streets > 30+35+85 images"
    assert stream_label({**stream, "initial_list": "gtav-30", "source": None}) == "gtav-30+35+85 images"
