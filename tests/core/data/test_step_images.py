from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import object_classes
from core.data.presence import ClassPresence
from core.data.step_images import images_of_stream
from core.errors import ConfigError
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.class_incremental import ClassIncrementalStream

STEPS = ClassIncrementalStream.model_validate({"steps": [[1, 2], [3]]})


def presence_of(*images: tuple[int, ...]) -> ClassPresence:
    """Return the scan of images that show these classes, ten pixels each."""
    pixels = np.zeros((len(images), 256), dtype=np.uint32)
    for row, shown in zip(pixels, images, strict=True):
        row[list(shown)] = 10
    return ClassPresence(pixels, object_classes(3))


def test_steps_have_the_images_that_show_their_classes() -> None:
    presence = presence_of((1,), (2, 3), (3,), (1, 2))

    assert images_of_stream(STEPS, 4, presence) == (3, 2)


def test_steps_are_unknown_before_a_scan() -> None:
    assert images_of_stream(STEPS, 4, None) is None


def test_a_step_without_images_is_refused() -> None:
    with pytest.raises(ConfigError, match="step 1 has no training image"):
        images_of_stream(STEPS, 1, presence_of((1, 2)))


def test_rounds_have_one_pool_and_need_no_scan() -> None:
    stream = ActiveRoundsStream(initial_images=2, budgets=(3, 5))

    assert images_of_stream(stream, 10, None) == (10,)


def test_a_budget_beyond_the_pool_is_refused_at_its_place() -> None:
    stream = ActiveRoundsStream(initial_images=2, budgets=(3, 6))

    with pytest.raises(ConfigError, match="round 2 asks for 6 images, but only 5 of 10 are left") as caught:
        images_of_stream(stream, 10, None)

    assert caught.value.pointer == "/stream/budgets/1"
