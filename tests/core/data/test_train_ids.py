"""Label ids or train ids?"""

from __future__ import annotations

import numpy as np
import pytest

from core.data.train_ids import seem_train_ids


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        ({0: 50, 1: 10, 2: 20, 8: 10, 10: 20, 13: 5, 255: 9}, True),
        ({7: 50, 8: 10, 11: 30, 21: 20, 23: 20, 26: 5, 0: 9, 1: 4, 3: 2}, False),
        # A few images that show little: too little to doubt.
        ({0: 90, 7: 10}, False),
        # As label ids, most pixels are road and building.
        ({7: 90, 11: 20, 0: 3, 1: 3, 4: 3}, False),
        ({}, False),
    ],
)
def test_ids_are_doubted_only_where_they_are_low_and_mostly_void(pixels: dict[int, int], expected: bool) -> None:
    counts = np.zeros(256, np.int64)
    counts[list(pixels)] = list(pixels.values())

    assert seem_train_ids(counts) is expected
