"""What a step of EIR is trained on: images first, then the memory's instances alone."""

from __future__ import annotations

import numpy as np
import torch

from core.methods.class_incremental.config import DataConfig
from core.methods.class_incremental.step_data import StepImages
from core.methods.eir.data import StepWithReplay, channels_of
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.masking import LabelUse
from core.streams.step import Step
from tests.support.instances import dataset_of, label_with_box, rectangle_entry

STREAM = ClassIncrementalStream(steps=((5, 2), (3,)))
STEP = STREAM.step(1)
WHOLE = DataConfig(crop_px=16, area_min=1, area_max=1, flip=False)
SQUARE = (16, 16)


def step_with_replay() -> StepWithReplay:
    """Three images, of which the step has the last two, and two entries."""
    labels = [label_with_box(class_id, (2, 2, 8, 8), SQUARE) for class_id in (5, 3, 3)]
    dataset = dataset_of(labels)
    images = StepImages(dataset, [1, 2], STREAM.label_table(STEP, LabelUse.TRAIN, dataset.classes), WHOLE)
    entries = (rectangle_entry(2, (4, 4, 10, 9), SQUARE), rectangle_entry(5, (0, 0, 3, 4), SQUARE))
    return StepWithReplay(images, entries, channels_of(STEP))


def draws() -> np.random.Generator:
    return np.random.default_rng(0)


def test_channels_follow_the_order_of_learning() -> None:
    assert channels_of(Step(1, (5, 2), (3,))) == {5: 1, 2: 2, 3: 3}


def test_images_come_first_and_entries_after_them() -> None:
    data = step_with_replay()

    assert len(data) == 4
    assert [data.name_of(position) for position in range(4)] == [
        *("image-1", "image-2"),
        *(f"memory/{entry.id}" for entry in data.entries),
    ]


def test_image_shows_the_new_class_in_its_channel() -> None:
    data = step_with_replay()

    _, label = data.item(0, draws())

    assert label.unique().tolist() == [0, 3]


def test_entry_shows_its_class_alone_on_an_empty_canvas() -> None:
    data = step_with_replay()

    image, label = data.item(2, draws())

    assert torch.bincount(label.flatten().long()).tolist() == [16 * 16 - 30, 0, 30]
    assert label[4:9, 4:10].unique().tolist() == [2]
    assert image[:, label == 0].abs().max() == 0
    assert image[:, label == 2].abs().max() > 0


def test_item_depends_on_its_generator_alone() -> None:
    data = step_with_replay()

    first, again = data.item(3, draws()), data.item(3, draws())

    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
