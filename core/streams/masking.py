"""Label maps as a continual step sees them, as 256-entry lookup tables (EIR 2.3). Free of torch.

Masking hides the classes that the step must not see. Mapping turns the other raw ids into network channels: channel 0
is background, channel 1 + i the i-th class in learning order. So `table[label]` turns a label map into network labels
in one gather. The two tables are composed here. Applying them one after the other would need a raw value that means
"background", and a dataset without background has none: its raw id 0 is an ordinary class.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX, ClassTable
from core.streams.selection import Setting, special_ids
from core.streams.step import Step

BACKGROUND_CHANNEL = 0
LookupTable = npt.NDArray[np.uint8]
"""(256,) uint8, indexed by the raw id."""


class LabelUse(StrEnum):
    """What a label map is read for, which decides what it shows."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    TRUE_BACKGROUND = "true_background"
    """Training images with the old classes visible: for analysis, never for a loss."""


def kept_ids(step: Step, use: LabelUse, setting: Setting, classes: ClassTable) -> set[int]:
    """Return the raw ids that stay visible: the new classes, the old ones if the use allows, and 0 and 255.

    Sequential training keeps the labels of old classes, and so does its validation.
    """
    sees_old = use in (LabelUse.TEST, LabelUse.TRUE_BACKGROUND) or setting == "sequential"
    return set(step.seen_classes if sees_old else step.new_classes) | special_ids(classes)


def masking_value(use: LabelUse, classes: ClassTable) -> int:
    """Return what hidden classes become: 0, or 255 in tests and validation where the dataset's protocol says so."""
    is_test = use in (LabelUse.TEST, LabelUse.VALIDATION)
    return IGNORE_INDEX if is_test and classes.unseen_in_tests == "ignored" else BACKGROUND_CHANNEL


def masking_table(kept: Iterable[int], masking_value: int | None = 0) -> LookupTable:
    """Return raw id -> raw id, with every id that is not kept replaced.

    Args:
        kept: raw ids that stay.
        masking_value: value of all other ids; None leaves labels untouched.
    """
    table = np.arange(256, dtype=np.uint8)
    if masking_value is not None:
        table[_others(kept)] = masking_value
    return table


def channel_table(learning_order: Sequence[int], classes: ClassTable) -> LookupTable:
    """Return raw id -> network channel: background and unlisted ids 0, the i-th class 1 + i, ignored pixels 255."""
    table = np.full(256, BACKGROUND_CHANNEL, dtype=np.uint8)
    table[list(learning_order)] = np.arange(1, len(learning_order) + 1, dtype=np.uint8)
    table[classes.ignore_id] = IGNORE_INDEX
    return table


def network_table(
    channels: LookupTable, kept: Iterable[int], masking_value: int | None = BACKGROUND_CHANNEL
) -> LookupTable:
    """Compose masking with the channel map.

    Args:
        channels: raw id -> channel, from `channel_table`.
        kept: raw ids that stay visible, from `kept_ids`.
        masking_value: channel of hidden classes: 0 (background), 255 (ignored: ADE20K's test labels), or None to hide
            nothing.
    """
    table = channels.copy()
    if masking_value is not None:
        table[_others(kept)] = masking_value
    return table


def raw_table(learning_order: Sequence[int], classes: ClassTable) -> LookupTable:
    """Return network channel -> raw id, for predictions and reports.

    Background becomes the dataset's background id, or its ignored id if it has no background. 255 becomes the ignored
    id.
    """
    table = np.full(256, classes.ignore_id, dtype=np.uint8)
    if classes.background_id is not None:
        table[BACKGROUND_CHANNEL] = classes.background_id
    table[1 : 1 + len(learning_order)] = learning_order
    return table


def _others(kept: Iterable[int]) -> list[int]:
    return sorted(set(range(256)) - set(kept))
