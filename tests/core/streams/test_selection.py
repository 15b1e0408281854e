"""Which images belong to a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from core.data.classes import ClassTable
from core.streams.selection import Setting, Split, select_images
from core.streams.step import Step

WITH_BACKGROUND = ClassTable(dict.fromkeys(range(1, 7), "class"))
WITHOUT_BACKGROUND = ClassTable(dict.fromkeys(range(6), "class"), ignore_id=11, background_id=None)
STEP = Step(1, old_classes=(1, 2), new_classes=(3,))


def class_sets(*images: Sequence[int]) -> npt.NDArray[np.bool_]:
    sets = np.zeros((len(images), 256), dtype=np.bool_)
    for index, ids in enumerate(images):
        sets[index, list(ids)] = True
    return sets


SETS = class_sets((0, 255), (0, 1), (0, 3, 255), (0, 1, 3), (0, 3, 4), (4,), (3,))


@pytest.mark.parametrize(
    ("split", "setting", "chosen"),
    [
        (Split.TRAIN, "overlap", [2, 3, 4, 6]),
        (Split.TRAIN, "disjoint", [2, 3, 6]),
        (Split.TRAIN, "sequential", [2, 3, 6]),
        (Split.VALIDATION, "disjoint", [2, 3, 4, 6]),
        (Split.TEST, "disjoint", [1, 2, 3, 4, 6]),
    ],
)
def test_images_are_chosen_by_the_classes_they_show(split: Split, setting: Setting, chosen: list[int]) -> None:
    selected = select_images(SETS, STEP, split, setting, WITH_BACKGROUND)

    assert np.flatnonzero(selected).tolist() == chosen


def test_raw_id_0_is_a_future_class_where_there_is_no_background() -> None:
    sets = class_sets((3, 11), (0, 3), (3, 1))

    selected = select_images(sets, STEP, Split.TRAIN, "disjoint", WITHOUT_BACKGROUND)

    assert selected.tolist() == [True, False, True]


def test_class_0_is_learned_like_any_other_where_there_is_no_background() -> None:
    step = Step(0, old_classes=(), new_classes=(0,))

    selected = select_images(class_sets((0, 11), (1,)), step, Split.TRAIN, "overlap", WITHOUT_BACKGROUND)

    assert selected.tolist() == [True, False]
