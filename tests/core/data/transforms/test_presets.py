"""The published pipelines."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.transforms.presets import MEAN, STD, eir_eval, eir_train, to_normalised, to_pixels
from core.methods.class_incremental.config import DataConfig
from tests.support.datasets import draw_picture

CONFIG = DataConfig(crop_px=24)


def test_normalised_values_are_those_of_the_formula() -> None:
    image = np.array([[[0, 255, 51]]], dtype=np.uint8)

    expected = [(0 - MEAN[0]) / STD[0], (1 - MEAN[1]) / STD[1], (0.2 - MEAN[2]) / STD[2]]

    assert to_normalised(image)[:, 0, 0].tolist() == pytest.approx(expected, rel=1e-6)


def test_every_pixel_value_survives_normalising_and_back() -> None:
    image = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)

    np.testing.assert_array_equal(to_pixels(to_normalised(image)), image)


def test_training_view_has_the_crop_size_and_records_its_box() -> None:
    image, label = draw_picture((1, 2))

    view = eir_train(image, label, np.random.default_rng(0), CONFIG)

    assert (view.image.shape, view.image.dtype) == ((3, 24, 24), torch.float32)
    assert (view.label.shape, view.label.dtype) == ((24, 24), torch.uint8)
    assert 0 < view.crop.width <= 32


def test_training_view_is_a_function_of_its_generator() -> None:
    image, label = draw_picture((1, 2, 3))

    first, again, other = (eir_train(image, label, np.random.default_rng(seed), CONFIG) for seed in (7, 7, 8))

    assert torch.equal(first.image, again.image)
    assert torch.equal(first.label, again.label)
    assert not torch.equal(first.image, other.image)


def test_label_moves_with_the_image() -> None:
    label = draw_picture((1, 2, 3, 4))[1]
    image = np.stack([label * 50] * 3, axis=-1)

    views = [eir_train(image, label, np.random.default_rng(seed), CONFIG) for seed in range(20)]

    # Only the pixels at the blocks' outlines, where bilinear values lie between two ids, may disagree.
    agreeing = [(to_pixels(view.image)[..., 0] // 45 == view.label.numpy()).mean() for view in views]
    assert min(agreeing) > 0.75


def test_half_of_the_views_are_flipped_unless_flipping_is_off() -> None:
    image, label = draw_picture((1,))
    without = CONFIG.model_copy(update={"flip": False})

    flips = [
        [eir_train(image, label, np.random.default_rng(seed), config).crop.is_flipped for seed in range(200)]
        for config in (CONFIG, without)
    ]

    assert 75 <= sum(flips[0]) <= 125
    assert sum(flips[1]) == 0


def test_flip_off_leaves_the_boxes_as_they_were() -> None:
    image, label = draw_picture((1,))
    without = CONFIG.model_copy(update={"flip": False})

    boxes = [
        [eir_train(image, label, np.random.default_rng(seed), config).crop.left for seed in range(20)]
        for config in (CONFIG, without)
    ]

    assert boxes[0] == boxes[1]


def test_evaluation_view_is_the_centre_crop() -> None:
    label = np.zeros((10, 30), dtype=np.uint8)
    label[:, 10:20] = 7

    image, ids = eir_eval(np.zeros((10, 30, 3), np.uint8), label, crop_px=10)

    assert (image.shape, ids.shape) == ((3, 10, 10), (10, 10))
    assert set(ids.flatten().tolist()) == {7}


def test_small_image_is_enlarged_for_the_crop() -> None:
    image, ids = eir_eval(*draw_picture((1,)), crop_px=48)

    assert (image.shape, ids.shape) == ((3, 48, 48), (48, 48))


def test_full_mode_keeps_the_whole_image() -> None:
    picture, label = np.zeros((10, 30, 3), np.uint8), np.arange(300, dtype=np.uint8).reshape(10, 30)

    image, ids = eir_eval(picture, label, crop_px=16, mode="full")

    assert image.shape == (3, 10, 30)
    np.testing.assert_array_equal(ids.numpy(), label)


def test_whole_image_at_training_scale_keeps_the_label_at_its_own_size() -> None:
    image = np.zeros((40, 80, 3), np.uint8)
    label = np.zeros((40, 80), np.uint8)

    pixels, ids = eir_eval(image, label, 20, "whole")

    assert (pixels.shape, ids.shape) == ((3, 20, 40), (40, 80))
