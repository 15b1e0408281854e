"""Detecting label files in Cityscapes' form that hold train ids by mistake. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.classes import CITYSCAPES_TO_TRAIN, UNMAPPED
from core.data.decoding import read_label
from core.data.faults import DataFaultError, FaultKind
from core.data.truths import count_pixels

MOST_FILES = 50
"""Maximum number of label files to check, spread over the split."""
LEAST_VOID_IDS = 3


def train_ids_fault(paths: Sequence[Path]) -> DataFaultError | None:
    """Return a fault if label files that should hold label ids seem to hold train ids.

    Args:
        paths: paths of readable label files.
    """
    pixels = _pixels(paths)
    if not seem_train_ids(pixels):
        return None
    problem = (
        f"the {len(paths)} label files of its split hold ids up to 18 alone, and {_void_share(pixels):.0%} of their "
        "pixels would be ignored as label ids: they seem to hold train ids; take the original label ids, or in the "
        "layout of Cityscapes call the files ..._gtFine_labelTrainIds.png"
    )
    return DataFaultError(FaultKind.TRAIN_IDS, paths[0], problem)


def low_ids_fault(paths: Sequence[Path], wanted: str) -> DataFaultError | None:
    """Return a fault if label files hold several ids, and none above 18.

    Use it for data sets whose ids have another order: there trees, sky or cars, which all street scenes show, have
    higher ids.

    Args:
        paths: paths of readable label files.
        wanted: what the files should hold.
    """
    held = [raw_id for raw_id in np.flatnonzero(_pixels(paths)).tolist() if raw_id != UNMAPPED]
    if len(held) < LEAST_VOID_IDS or max(held) >= len(CITYSCAPES_TO_TRAIN):
        return None
    problem = (
        f"the {len(paths)} label files of its split hold no id above {max(held)}: they seem to hold train ids; write "
        f"{wanted}, or take the layout `folder` with a classes.json"
    )
    return DataFaultError(FaultKind.TRAIN_IDS, paths[0], problem)


def _pixels(paths: Sequence[Path]) -> npt.NDArray[np.int64]:
    """Return the (256,) pixels of each id in some of the files, spread over all."""
    looked_at = paths[:: max(1, -(-len(paths) // MOST_FILES))]
    return sum((count_pixels(read_label(path)).astype(np.int64) for path in looked_at), np.zeros(256, np.int64))


def seem_train_ids(pixels: npt.NDArray[np.int64]) -> bool:
    """Return whether ids are more likely train ids than label ids.

    Train ids end at 18. As label ids, most numbers up to 18 are ignored, such as `ego vehicle`. Trees, sky, people and
    cars, which all street scenes show, have higher label ids.

    Args:
        pixels: (256,) pixels of each id.
    """
    held = [raw_id for raw_id in np.flatnonzero(pixels).tolist() if raw_id != UNMAPPED]
    void = [raw_id for raw_id in held if raw_id not in CITYSCAPES_TO_TRAIN]
    is_low = bool(held) and max(held) < len(CITYSCAPES_TO_TRAIN)
    return is_low and len(void) >= LEAST_VOID_IDS and bool(2 * pixels[void].sum() > pixels[held].sum())


def _void_share(pixels: npt.NDArray[np.int64]) -> float:
    taught = sum(int(pixels[raw_id]) for raw_id in CITYSCAPES_TO_TRAIN)
    return 1 - taught / int(pixels.sum())
