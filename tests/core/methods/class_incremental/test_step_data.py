"""The images of a step, with labels as channels of the network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.classes import ClassTable
from core.errors import ConfigError, DataError
from core.methods.class_incremental.config import DataConfig, EvalConfig
from core.methods.class_incremental.step_data import (
    has_background,
    open_test_batches,
    open_training_images,
)
from core.stage.interrupt import StageInterrupted
from core.streams.base import MAIN
from core.streams.class_incremental import ClassIncrementalStream
from tests.support.contexts import context_of, opened, pictures_of

WHOLE = DataConfig(crop_px=32, area_min=1, area_max=1, flip=False)


def draws(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_step_has_the_images_that_show_its_classes(tmp_path: Path) -> None:
    context = context_of(tmp_path)

    first, second = (open_training_images(context, context.stream.step(index), WHOLE) for index in (0, 1))

    assert (first.indices, second.indices) == ([0, 2, 3], [1, 4])
    assert [second.name_of(position) for position in range(len(second))] == ["image-1", "image-4"]


def test_labels_are_channels_in_the_order_of_learning(tmp_path: Path) -> None:
    context = context_of(tmp_path)

    _, label = open_training_images(context, context.stream.step(1), WHOLE).item(0, draws())

    assert torch.bincount(label.flatten().long()).tolist() == [32 * 32 - 100, 0, 100]


def test_augmentation_is_a_function_of_its_generator(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    images = open_training_images(context, context.stream.step(0), DataConfig(crop_px=32))

    first, again, other = images.item(0, draws()), images.item(0, draws()), images.item(0, draws(9))

    assert torch.equal(first[0], again[0])
    assert not torch.equal(first[0], other[0])


def test_step_without_images_is_refused(tmp_path: Path) -> None:
    stream = ClassIncrementalStream(steps=((5,), (7,)))
    context = replace(context_of(tmp_path), stream=stream)

    with pytest.raises(ConfigError, match=r"step 1 has no training image .*7 class 7 \(in 0 images\)"):
        open_training_images(context, stream.step(0), WHOLE)


def test_id_outside_the_class_list_is_refused(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    pictures = pictures_of([5, 2, 77])
    context = replace(context, datasets={MAIN: opened(pictures, pictures, tmp_path)})

    with pytest.raises(DataError, match=r"image-2: label id 77 \(100 pixels\) is not in the class list"):
        open_training_images(context, context.stream.step(0), WHOLE)


def test_tests_show_all_classes_seen_and_hide_later_ones(tmp_path: Path) -> None:
    context = context_of(tmp_path)

    first, second = (
        list(open_test_batches(context, context.stream.step(index), WHOLE, EvalConfig(batch_size=2), 0))
        for index in (0, 1)
    )

    # The evaluation's pictures show the classes 2, 5 and 9; channel 1 is class 5, channel 2 class 2.
    assert [batch.items.tolist() for batch in first] == [[1]]
    assert first[0].labels.unique().tolist() == [0, 1]
    assert [batch.items.tolist() for batch in second] == [[0, 1]]
    assert [label.unique().tolist() for label in second[0].labels] == [[0, 2], [0, 1]]


def test_test_stops_between_two_batches_with_what_is_done(tmp_path: Path) -> None:
    context = context_of(tmp_path)
    batches = open_test_batches(context, context.stream.step(1), WHOLE, EvalConfig(batch_size=1), 40)

    next(batches)
    context.stop.request()

    with pytest.raises(StageInterrupted, match="stopped after iteration 40"):
        next(batches)


def test_dataset_has_a_background_where_its_table_says_so() -> None:
    assert has_background(ClassTable({1: "a"}))
    assert not has_background(ClassTable({0: "a"}, background_id=None))
