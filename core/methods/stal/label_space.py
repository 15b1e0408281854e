"""The classes of the target that are learned (STAL 2.1). Free of torch."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.data.classes import IGNORE_INDEX, SYNTHIA_16, SYNTHIA_CLASSES, ClassTable
from core.data.label_ids import IdTable, lookup_table
from core.errors import ConfigError

LabelSpace = Literal["all", "contiguous16"]


def learned_ids(classes: ClassTable, label_space: LabelSpace) -> list[int]:
    """Return the raw id of each channel.

    Args:
        classes: class table of the target.
        label_space: `all` classes, or the 16 that SYNTHIA shares with Cityscapes; target and source then ignore the
            other classes.

    Raises:
        ConfigError: if a class has the raw id 255, or the 16 classes are chosen and the class names are not
            Cityscapes'.
    """
    if IGNORE_INDEX in classes.names:
        raise ConfigError("raw id 255 marks pixels without a label; give the class another id", "/dataset")
    if label_space == "all":
        return sorted(classes.names)
    if not SYNTHIA_CLASSES.names.items() <= classes.names.items():
        raise ConfigError(
            "label space contiguous16 is made of Cityscapes' train ids, and the target has other classes; use all",
            "/config/data/label_space",
        )
    return list(SYNTHIA_16)


def channel_tables(classes: ClassTable, label_space: LabelSpace = "all") -> tuple[IdTable, IdTable]:
    """Return (256,) raw id -> channel (255 = not learned), and (C,) channel -> raw id; see `learned_ids`."""
    raw_ids = learned_ids(classes, label_space)
    channel_of = lookup_table({raw_id: channel for channel, raw_id in enumerate(raw_ids)})
    return channel_of, np.array(raw_ids, dtype=np.uint8)
