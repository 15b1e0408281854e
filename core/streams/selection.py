"""Which images belong to a continual step (EIR 2.3). Free of torch.

The full, un-augmented label maps decide. An image is described by the set of raw ids that occur anywhere in it: one
row of a boolean (N, 256) matrix.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

import numpy as np

from core.data.classes import ClassTable
from core.data.presence import ClassSets
from core.streams.step import Step

Setting = Literal["overlap", "disjoint", "sequential"]


class Split(StrEnum):
    """What the images of a step are used for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


def select_images(sets: ClassSets, step: Step, split: Split, setting: Setting, classes: ClassTable) -> ClassSets:
    """Return for each image whether it belongs to the step.

    - train, overlap: at least one new class;
    - train, disjoint and sequential: at least one new class, and no class that is not yet seen;
    - validation: at least one new class;
    - test: at least one seen class.

    Args:
        sets: (N, 256) class sets of the images of the split's dataset.
        step: the step's old and new raw ids.
        split: what the images are for.
        setting: which images are visible; matters for training only.
        classes: gives the raw ids of background and ignored pixels.

    Returns:
        (N,) booleans.
    """
    if split is Split.TEST:
        return _contains_any(sets, step.seen_classes)
    chosen = _contains_any(sets, step.new_classes)
    if split is Split.TRAIN and setting != "overlap":
        allowed = set(step.seen_classes) | special_ids(classes)
        chosen &= ~_contains_any(sets, set(range(sets.shape[1])) - allowed)
    return chosen


def special_ids(classes: ClassTable) -> set[int]:
    """Return the raw ids that are no class: ignored pixels and, if there is one, background."""
    return {classes.ignore_id} if classes.background_id is None else {classes.ignore_id, classes.background_id}


def _contains_any(sets: ClassSets, ids: Iterable[int]) -> ClassSets:
    return np.asarray(sets[:, sorted(ids)].any(axis=1), dtype=np.bool_)
