"""Ids of Cityscapes, GTA5 and SYNTHIA against the recorded tables."""

from __future__ import annotations

import pytest

from core.data.label_ids import CITYSCAPES_16, CITYSCAPES_19, SYNTHIA_16, SYNTHIA_19, IdTable, remap
from tests.support.parity import assert_close, load_case


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("gtav19", CITYSCAPES_19),
        ("cityscapes19", CITYSCAPES_19),
        ("cityscapes16", CITYSCAPES_16),
        ("synthia19", SYNTHIA_19),
        ("synthia16", SYNTHIA_16),
    ],
)
def test_ids_become_the_recorded_ones(name: str, table: IdTable) -> None:
    case = load_case("stal", "label_maps")
    assert_close(remap(case["ids"], table), case[name], 0)
