from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from core.data.classes import ClassTable
from core.data.presence import ClassPresence
from core.errors import ConfigError
from core.streams.base import MAIN, KnownDataset
from core.streams.open_set import OpenSetStream

CLASSES = ClassTable({1: "cup", 4: "Spoon", 9: "fork"}, background_id=None)
WORLD = {"world": "objects", "labels": "instances"}


def presence_of(*images: tuple[int, ...]) -> ClassPresence:
    pixels = np.zeros((len(images), 256), np.uint32)
    for row, shown in zip(pixels, images, strict=True):
        row[list(shown)] = 10
    return ClassPresence(pixels, CLASSES)


def test_classes_are_known_by_name_and_all_others_are_unknown() -> None:
    split = OpenSetStream(known=("spoon", "cup")).split_of(CLASSES)

    assert (split.known, split.unknown, split.left_out) == ((1, 4), (9,), ())


def test_with_unknown_classes_named_the_rest_counts_for_nothing() -> None:
    split = OpenSetStream(known=("cup",), unknown=("fork",)).split_of(CLASSES)

    assert (split.known, split.unknown, split.left_out) == ((1,), (9,), (4,))


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ({"known": []}, "no class is known"),
        ({"known": ["cup", "Cup"]}, "'Cup' is named twice"),
        ({"known": ["cup"], "unknown": ["cup"]}, "'cup' is named among the known classes too"),
        ({"known": ["cup"], "tests": [{"name": "main", "dataset": WORLD}]}, "the name 'main' is taken"),
    ],
)
def test_what_a_stream_cannot_be(stream: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        OpenSetStream.model_validate(stream)


def test_a_name_that_the_dataset_has_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"no class 'spon': it has cup, Spoon, fork; did you mean 'Spoon'\?"
    ) as caught:
        OpenSetStream(known=("cup", "spon")).check_against({MAIN: CLASSES})

    assert caught.value.pointer == "/stream/known/1"


def test_a_test_set_with_other_ids_is_refused() -> None:
    stream = OpenSetStream.model_validate({"known": ["cup"], "tests": [{"name": "other", "dataset": WORLD}]})

    with pytest.raises(ConfigError, match="id 1 is 'cup' in the experiment's dataset and 'plate' in other"):
        stream.check_against({MAIN: CLASSES, "other": ClassTable({1: "plate", 2: "cup"})})


def test_a_class_that_no_image_shows_is_refused() -> None:
    known = {MAIN: KnownDataset(2, presence_of((1,), (9,)))}

    with pytest.raises(ConfigError, match="none of the 2 training images shows 'Spoon'") as caught:
        OpenSetStream(known=("cup", "spoon")).check_images(known)

    assert caught.value.pointer == "/stream/known/1"


def test_images_without_a_known_class_are_not_learned_from() -> None:
    stream, known = OpenSetStream(known=("cup", "fork")), {MAIN: KnownDataset(3, presence_of((1, 9), (4,), (9,)))}

    (step,) = stream.preview(known).steps

    assert (step.classes, step.images, step.images_per_class) == ((1, 9), 2, (1, 2))
    assert stream.images_per_step(known) == (2,)


def test_that_nothing_is_left_to_be_unknown_is_told() -> None:
    (fault,) = OpenSetStream(known=("cup", "spoon", "fork")).warnings({MAIN: CLASSES})

    assert fault.code == "no_unknown"


def test_further_test_sets_are_read_for_their_test_images_alone() -> None:
    stream = OpenSetStream.model_validate({"known": ["ball"], "tests": [{"name": "other", "dataset": WORLD}]})

    uses = stream.datasets(stream.tests[0].dataset)

    assert list(uses) == [MAIN, "other"]
    assert uses["other"].splits == ("eval",)
    assert stream.tested_after(0, stream.tests[0].dataset) == (MAIN, "other")
