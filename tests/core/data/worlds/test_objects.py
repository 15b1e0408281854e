"""The world *objects*."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from core.data.classes import IGNORE_INDEX, OBJECT_NAMES
from core.data.worlds.objects import RECIPES, ObjectsWorld

WORLD = ObjectsWorld(classes=6, size_px=96)
SCENES = [WORLD.scene(index) for index in range(120)]


def test_picture_is_a_function_of_seed_and_index() -> None:
    again = ObjectsWorld(classes=6, size_px=96).scene(5)
    other_seed = ObjectsWorld(classes=6, size_px=96, seed=1).scene(5)

    np.testing.assert_array_equal(again.image, SCENES[5].image)
    np.testing.assert_array_equal(again.label, SCENES[5].label)
    np.testing.assert_array_equal(again.instances, SCENES[5].instances)
    assert not np.array_equal(other_seed.image, SCENES[5].image)
    assert not np.array_equal(SCENES[6].image, SCENES[5].image)


@pytest.mark.parametrize("size_px", [32, 97, 200])
def test_any_size_can_be_drawn(size_px: int) -> None:
    scene = ObjectsWorld(classes=20, size_px=size_px).scene(0)

    assert scene.image.shape == (size_px, size_px, 3)
    assert scene.label.shape == scene.instances.shape == (size_px, size_px)


def test_label_is_the_class_of_the_instance_that_is_seen() -> None:
    for scene in SCENES:
        class_of_number = np.concatenate([[0], scene.instance_classes])
        seen = scene.instances != IGNORE_INDEX

        np.testing.assert_array_equal(scene.label[seen], class_of_number[scene.instances[seen]])
        np.testing.assert_array_equal(scene.label == IGNORE_INDEX, ~seen)


def test_instance_masks_do_not_overlap_and_are_seen_whole_or_in_good_part() -> None:
    shares = np.concatenate([scene.masks.mean(axis=(1, 2)) for scene in SCENES])

    assert max(scene.masks.sum(axis=0).max() for scene in SCENES) == 1
    # Several percent of the picture each, so that an instance is worth storing and pasting.
    assert np.median(shares) > 0.05
    assert shares.min() > 0.01


def test_boxes_are_tight_around_the_masks() -> None:
    for scene in SCENES[:20]:
        for mask, (x, y, width, height) in zip(scene.masks, scene.boxes, strict=True):
            rows, columns = np.nonzero(mask)

            assert (x, y) == (columns.min(), rows.min())
            assert (x + width - 1, y + height - 1) == (columns.max(), rows.max())


def test_some_objects_overlap() -> None:
    touching = [
        scene
        for scene in SCENES
        if any((a & np.roll(b, (dy, dx), (0, 1))).any() for a, b, dy, dx in _pairs_of_masks(scene.masks))
    ]

    assert len(touching) > 5


def _pairs_of_masks(masks: np.ndarray) -> list[tuple[np.ndarray, np.ndarray, int, int]]:
    return [(a, b, dy, dx) for a in masks for b in masks if a is not b for dy in (-3, 0, 3) for dx in (-3, 0, 3)]


@pytest.mark.parametrize("density", [(1, 1), (1, 2), (3, 5)])
def test_density_bounds_the_classes_of_a_picture(density: tuple[int, int]) -> None:
    world = ObjectsWorld(classes=6, size_px=32, density=density)

    counts = {len(set(world.scene(index).instance_classes.tolist())) for index in range(60)}

    assert counts == set(range(density[0], density[1] + 1))


def test_every_class_is_drawn_about_equally_often() -> None:
    counts = Counter(class_id for scene in SCENES for class_id in set(scene.instance_classes.tolist()))

    assert sorted(counts) == [1, 2, 3, 4, 5, 6]
    assert min(counts.values()) > 0.5 * max(counts.values())


def test_classes_of_later_steps_are_in_pictures_of_the_first() -> None:
    first_step = [
        set(scene.instance_classes.tolist()) for scene in SCENES if {1, 2} & set(scene.instance_classes.tolist())
    ]

    with_future_class = sum(bool(classes & {3, 4, 5, 6}) for classes in first_step)

    assert 0.2 < with_future_class / len(first_step) < 0.8


def test_every_class_is_a_shape_and_texture_of_its_own_and_none_of_them_is_used_once() -> None:
    shapes, textures = Counter(shape for shape, _ in RECIPES), Counter(texture for _, texture in RECIPES)

    assert len(RECIPES) == len(set(RECIPES)) == len(OBJECT_NAMES) == 20
    assert min(shapes.values()) >= 2
    assert min(textures.values()) >= 2


def test_mean_colour_hardly_tells_the_classes_apart() -> None:
    colours, classes = [], []
    for scene in SCENES:
        for mask, class_id in zip(scene.masks, scene.instance_classes, strict=True):
            colours.append(scene.image[mask].mean(axis=0))
            classes.append(class_id)
    known, asked = np.array(colours[::2]), np.array(colours[1::2])
    known_classes, asked_classes = np.array(classes[::2]), np.array(classes[1::2])
    centres = np.stack([known[known_classes == class_id].mean(axis=0) for class_id in range(1, 7)])

    guesses = 1 + np.square(asked[:, None] - centres).sum(axis=2).argmin(axis=1)

    assert (guesses == asked_classes).mean() < 0.4
