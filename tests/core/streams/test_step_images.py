from __future__ import annotations

import numpy as np
import pytest

from core.data.classes import object_classes
from core.data.presence import ClassPresence
from core.errors import ConfigError
from core.streams.base import MAIN, KnownDataset, StepPreview
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.selection import Split

STEPS = ClassIncrementalStream.model_validate({"steps": [[1, 2], [3]]})


def known(*images: tuple[int, ...]) -> dict[str, KnownDataset]:
    """Return what a scan of images that show these classes, ten pixels each, says."""
    pixels = np.zeros((len(images), 256), dtype=np.uint32)
    for row, shown in zip(pixels, images, strict=True):
        row[list(shown)] = 10
    return {MAIN: KnownDataset(len(images), ClassPresence(pixels, object_classes(3)))}


def presence_of(*images: tuple[int, ...]) -> ClassPresence:
    found = known(*images)[MAIN].presence
    assert found is not None
    return found


def test_steps_have_the_images_that_show_their_classes() -> None:
    assert STEPS.images_per_step(known((1,), (2, 3), (3,), (1, 2))) == (3, 2)


def test_a_step_is_tested_on_the_images_of_all_classes_so_far() -> None:
    presence = presence_of((1,), (3,), (0,))

    assert STEPS.items(1, presence).tolist() == [1]
    assert STEPS.items(1, presence, Split.TEST).tolist() == [0, 1]


def test_disjoint_steps_leave_out_images_with_later_classes() -> None:
    disjoint = STEPS.model_copy(update={"setting": "disjoint"})

    assert disjoint.images_per_step(known((1,), (2, 3), (3,), (1, 2))) == (2, 2)


def test_steps_are_unknown_before_a_scan() -> None:
    before = {MAIN: KnownDataset(4)}

    assert STEPS.images_per_step(before) is None
    assert STEPS.preview(before).steps == (StepPreview("step 0", (1, 2)), StepPreview("step 1", (3,)))


def test_a_preview_counts_images_of_steps_and_classes_and_those_shared_and_left() -> None:
    found = STEPS.preview(known((1,), (2, 3), (3,), (1, 2), (0,)))

    assert found.images_unused == 1
    assert found.steps == (
        StepPreview("step 0", (1, 2), images=3, images_shared=0, images_per_class=(2, 2)),
        StepPreview("step 1", (3,), images=2, images_shared=1, images_per_class=(2,)),
    )


def test_a_step_without_images_is_refused_with_its_classes() -> None:
    STEPS.check_images({MAIN: KnownDataset(1)})
    with pytest.raises(ConfigError, match=r"step 1 has no training image .* 3 tent \(in 0 images\)") as caught:
        STEPS.check_images(known((1, 2)))

    assert caught.value.pointer == "/stream/steps/1"


def test_a_step_can_be_empty_only_because_of_its_setting() -> None:
    stream = ClassIncrementalStream(steps=((1,), (2,)))
    shown_with_a_future_class = known((1, 2), (2,))

    stream.check_images(shown_with_a_future_class)
    with pytest.raises(ConfigError, match=r"step 0 has no training image in the setting 'disjoint'.*\(in 1 images\)"):
        stream.model_copy(update={"setting": "disjoint"}).check_images(shown_with_a_future_class)
