"""Label ids of the four street data sets as 7 and 19 classes, and items of them (CoaST 2.3)."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from core.data.domain_classes import STREET_IDS, ClassCount, StreetDataset
from core.data.label_ids import lookup_table, remap
from tests.support.parity import assert_close, load_case

IGNORED = 250


def as_recorded(labels: np.ndarray) -> np.ndarray:
    """Return labels with the recordings' value for what is ignored."""
    return np.where(labels == 255, IGNORED, labels)


@pytest.mark.parametrize("classes", get_args(ClassCount))
@pytest.mark.parametrize("dataset", get_args(StreetDataset))
def test_ids_become_the_recorded_ones(dataset: StreetDataset, classes: ClassCount) -> None:
    case = load_case("coast", "label_maps")
    table = lookup_table(STREET_IDS[dataset, classes])

    assert_close(as_recorded(table), case[f"lut_{dataset}_{classes}"], 0)
    assert_close(as_recorded(remap(case[f"raw_{dataset}"], table)), case[f"mapped_{dataset}_{classes}"], 0)
