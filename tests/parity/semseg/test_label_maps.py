"""Numbers of known and unknown classes (SemSeg 2)."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.open_set_lists import GRASPNET, VOC_COCO, OpenSetList
from tests.support.parity import load_case


@pytest.mark.parametrize(("name", "listed"), [("coco", VOC_COCO), ("graspnet", GRASPNET)])
def test_numbers_of_classes(name: str, listed: OpenSetList) -> None:
    case = load_case("semseg", "label_maps")

    np.testing.assert_array_equal(listed.known_contiguous, case[f"{name}_known_contiguous"])
    np.testing.assert_array_equal(listed.known, case[f"{name}_known_dataset_ids"])
    np.testing.assert_array_equal(listed.id_map, case[f"{name}_id_map"])
    np.testing.assert_array_equal(listed.contiguous, case[f"{name}_contiguous_to_dataset"])
