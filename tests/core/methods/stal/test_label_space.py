"""Which classes of the target are learned."""

from __future__ import annotations

import pytest

from core.data.classes import CITYSCAPES_CLASSES, SYNTHIA_16, SYNTHIA_CLASSES, ClassTable
from core.errors import ConfigError
from core.methods.stal.label_space import channel_tables


def test_channels_are_classes_in_the_order_of_their_ids() -> None:
    channel_of, raw_of = channel_tables(ClassTable({7: "b", 2: "a"}, background_id=None))

    assert raw_of.tolist() == [2, 7]
    assert [int(channel_of[raw_id]) for raw_id in (2, 7, 0, 255)] == [0, 1, 255, 255]


def test_the_id_of_no_label_cannot_be_a_class() -> None:
    with pytest.raises(ConfigError, match="raw id 255"):
        channel_tables(ClassTable({255: "a"}, background_id=None, ignore_id=0))


@pytest.mark.parametrize("classes", [CITYSCAPES_CLASSES, SYNTHIA_CLASSES])
def test_contiguous_16_has_a_channel_for_each_class_of_synthia(classes: ClassTable) -> None:
    channel_of, raw_of = channel_tables(classes, "contiguous16")

    assert raw_of.tolist() == list(SYNTHIA_16)
    assert channel_of[list(SYNTHIA_16)].tolist() == list(range(16))
    assert channel_of[[9, 14, 16, 255]].tolist() == [255] * 4


def test_contiguous_16_of_other_classes_is_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match=r"made of Cityscapes' train ids.*use all") as refused:
        channel_tables(ClassTable({0: "cat", 1: "dog"}, background_id=None), "contiguous16")

    assert refused.value.pointer == "/config/data/label_space"
