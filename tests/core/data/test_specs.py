from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from core.data.dataset_spec import DatasetSpec

SPECS: TypeAdapter[DatasetSpec] = TypeAdapter(DatasetSpec)


@pytest.mark.parametrize(
    ("dataset", "label"),
    [
        ({"world": "objects", "classes": 6}, "objects"),
        ({"world": "streets", "domain": "city-b"}, "streets city-b"),
        ({"adapter": "folder", "root": "/data/camvid/"}, "camvid"),
        ({"adapter": "voc", "root": "/"}, "voc"),
    ],
)
def test_dataset_is_called_by_its_world_or_folder(dataset: dict[str, Any], label: str) -> None:
    assert SPECS.validate_python(dataset).label == label
