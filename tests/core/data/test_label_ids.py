from __future__ import annotations

import numpy as np
import pytest

from core.data.label_ids import (
    CITYSCAPES_16,
    CITYSCAPES_19,
    SYNTHIA_16,
    SYNTHIA_19,
    keep_undefined,
    lookup_table,
    remap,
)


def test_a_table_has_255_where_the_mapping_has_nothing() -> None:
    table = lookup_table({7: 0, 255: 3})

    assert (table.shape, table.dtype) == ((256,), np.uint8)
    assert (int(table[7]), int(table[255]), int(table[0])) == (0, 3, 255)


def test_one_class_has_one_train_id_in_every_naming() -> None:
    # Road, sky and bicycle: 7, 23 and 33 in Cityscapes, 3, 1 and 11 in SYNTHIA.
    assert CITYSCAPES_19[[7, 23, 33]].tolist() == SYNTHIA_19[[3, 1, 11]].tolist() == [0, 10, 18]
    assert CITYSCAPES_16[[7, 23, 33]].tolist() == SYNTHIA_16[[3, 1, 11]].tolist() == [0, 9, 15]


def test_the_contiguous_space_drops_what_synthia_has_not() -> None:
    # Terrain, truck and train.
    assert CITYSCAPES_16[[22, 27, 31]].tolist() == [255, 255, 255]


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int64])
def test_minus_one_is_read_as_255(dtype: type[np.signedinteger]) -> None:
    assert remap(np.array([[-1, 7]], dtype=dtype), CITYSCAPES_19).tolist() == [[255, 0]]


def test_an_id_beyond_eight_bits_is_not_cut_off() -> None:
    # 263 = 256 + 7: its lower byte alone would be a road.
    assert remap(np.array([[263, 7]], dtype=np.uint16), CITYSCAPES_19).tolist() == [[255, 0]]


@pytest.mark.parametrize("order", ["C", "F"])
def test_eight_bit_ids_keep_shape_and_place_and_stay_as_they_were(order: str) -> None:
    ids = np.array(np.arange(256).reshape(8, 32), dtype=np.uint8, order="F" if order == "F" else "C")

    found = remap(ids, CITYSCAPES_19)

    np.testing.assert_array_equal(found, CITYSCAPES_19.reshape(8, 32))
    np.testing.assert_array_equal(ids, np.arange(256).reshape(8, 32))
    assert found.dtype == np.uint8
    assert found.flags.writeable


def test_a_part_of_an_array_is_remapped_as_its_copy() -> None:
    ids = np.arange(64, dtype=np.uint8).reshape(8, 8)[::2, 1::3]

    np.testing.assert_array_equal(remap(ids, CITYSCAPES_19), CITYSCAPES_19[ids])


def test_an_empty_map_stays_empty() -> None:
    assert remap(np.zeros((0, 5), np.uint8), CITYSCAPES_19).shape == (0, 5)


def test_ids_that_a_layout_does_not_define_stay_and_can_be_found() -> None:
    table = keep_undefined(CITYSCAPES_19, defined=35)

    assert table[[7, 34, 35, 77, 254, 255]].tolist() == [0, 255, 35, 77, 254, 255]
    assert remap(np.array([[300, 255, -1]]), table).tolist() == [[254, 255, 255]]
