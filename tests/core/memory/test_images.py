"""Whole images in the memory."""

from __future__ import annotations

import numpy as np

from core.memory.images import choose_positions, whole_image


def test_an_entry_is_the_whole_image() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    mask = np.zeros((4, 6), bool)
    mask[1, 2:4] = True

    entry = whole_image(image, mask, "pits/a", 2)

    np.testing.assert_array_equal(entry.canvas_image(), image)
    np.testing.assert_array_equal(entry.canvas_label() == 1, mask)
    assert (entry.area, entry.step_added, entry.classes) == (2, 2, (1,))


def test_images_are_chosen_by_seed_or_by_name() -> None:
    draws = np.random.default_rng(0)

    assert list(choose_positions(2, 9, "first", draws)) == [0, 1]
    assert list(choose_positions(9, 3, "random", draws)) == [0, 1, 2]
    chosen = list(choose_positions(4, 50, "random", draws))
    assert chosen == sorted(set(chosen))
    assert len(chosen) == 4
