"""Whole images in the memory."""

from __future__ import annotations

import numpy as np

from core.memory.images import choose_positions, labelled_image, whole_image


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


def test_an_entry_keeps_the_labels_of_its_classes() -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    labels = np.array([[5, 5, 255], [255, 9, 255]], np.uint8)

    entry = labelled_image(image, labels, (5, 9), drawn_class=9, source="a", step=1)

    np.testing.assert_array_equal(entry.canvas_label(), labels)
    assert (entry.drawn_class, entry.classes, entry.area, entry.box) == (9, (5, 9), 3, (0, 0, 3, 2))
