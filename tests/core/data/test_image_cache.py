"""Decoded images in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from core.data.classes import VOC_CLASSES, ClassTable
from core.data.image_cache import CachedDataset
from core.data.samples import Image, LabelMap


class CountingDataset:
    """Two hundred pictures of 100 x 100 pixels, 40,000 bytes an item, that count how often they are decoded."""

    def __init__(self) -> None:
        self.decoded: Counter[tuple[str, int]] = Counter()

    @property
    def ids(self) -> Sequence[str]:
        return [f"picture {index}" for index in range(len(self))]

    @property
    def classes(self) -> ClassTable:
        return VOC_CLASSES

    def __len__(self) -> int:
        return 200

    def image(self, index: int) -> Image:
        self.decoded["image", index] += 1
        return np.full((100, 100, 3), index, dtype=np.uint8)

    def label(self, index: int) -> LabelMap:
        self.decoded["label", index] += 1
        return np.full((100, 100), index, dtype=np.uint8)


def test_item_is_decoded_once_and_equal_to_the_original() -> None:
    original = CountingDataset()
    cached = CachedDataset(original, cache_mib=1)

    images = [cached.image(7) for _ in range(3)]
    labels = [cached.label(7) for _ in range(2)]

    assert original.decoded == {("image", 7): 1, ("label", 7): 1}
    assert [int(array.mean()) for array in (*images, *labels)] == [7] * 5


def test_budget_bounds_what_is_kept() -> None:
    original = CountingDataset()
    cached = CachedDataset(original, cache_mib=1)

    for _ in range(2):
        for index in range(60):
            cached.image(index)

    # 34 images of 30,000 bytes fit into 2**20 bytes; the other 26 are decoded again.
    assert sum(original.decoded.values()) == 60 + 26


def test_budget_of_0_decodes_every_time() -> None:
    original = CountingDataset()
    cached = CachedDataset(original, cache_mib=0)

    cached.image(3)
    cached.image(3)

    assert original.decoded["image", 3] == 2


def test_kept_arrays_cannot_be_written_to() -> None:
    image = CachedDataset(CountingDataset(), cache_mib=1).image(0)

    with pytest.raises(ValueError, match="read-only"):
        image[0, 0] = 1


def test_names_and_classes_are_those_of_the_dataset() -> None:
    cached = CachedDataset(CountingDataset(), cache_mib=1)

    assert (cached.ids[5], len(cached), cached.classes) == ("picture 5", 200, VOC_CLASSES)
