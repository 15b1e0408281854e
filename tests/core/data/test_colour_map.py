"""Label maps in colours."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import CITYSCAPES_CLASSES, VOC_CLASSES, ClassTable
from core.data.colour_map import colour_map, palette_of


def test_cityscapes_palette_has_the_published_colours_and_black_elsewhere() -> None:
    palette = palette_of(CITYSCAPES_CLASSES)

    assert (palette.shape, palette.dtype) == ((256, 3), np.uint8)
    assert palette[[0, 10, 18]].tolist() == [[128, 64, 128], [70, 130, 180], [119, 11, 32]]
    assert not palette[19:].any()


def test_background_and_ignored_pixels_are_black() -> None:
    assert palette_of(VOC_CLASSES)[[0, 1, 255]].tolist() == [[0, 0, 0], [128, 0, 0], [0, 0, 0]]
    assert palette_of(ClassTable({0: "sky", 7: "void"}, ignore_id=7, background_id=None))[7].tolist() == [0, 0, 0]


def test_pixels_get_the_colour_of_their_id() -> None:
    found = colour_map(np.array([[0, 255], [13, 18], [200, 0]], np.uint8), palette_of(CITYSCAPES_CLASSES))

    assert found.dtype == np.uint8
    assert found.tolist() == [
        [[128, 64, 128], [0, 0, 0]],
        [[0, 0, 142], [119, 11, 32]],
        [[0, 0, 0], [128, 64, 128]],
    ]


@pytest.mark.parametrize("cut", [np.s_[:, :], np.s_[::2, 1::3], np.s_[:0, :]])
def test_any_part_of_a_map_is_coloured_as_indexing_would(cut: tuple[slice, slice]) -> None:
    palette = np.random.default_rng(0).integers(0, 256, (256, 3)).astype(np.uint8)
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16).T

    np.testing.assert_array_equal(colour_map(labels[cut], palette), palette[labels[cut]])


def test_what_does_not_index_a_palette_is_refused() -> None:
    with pytest.raises(ValueError, match="labels are int64"):
        colour_map(np.zeros((1, 1), np.int64), palette_of(CITYSCAPES_CLASSES))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"shape \(19, 3\)"):
        colour_map(np.zeros((1, 1), np.uint8), palette_of(CITYSCAPES_CLASSES)[:19])
