"""Binary masks by domain: a root whose `domains.yaml` lists the folders (CoSAM 3.1). Free of torch.

A split is `NAME.train`, `NAME.test` or `NAME.memory`; if a root has only one domain, `train` and `test` work too.
A mask is an 8-bit picture, which may be a JPEG; a pixel is foreground if its first channel is above 128.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.classes import ClassTable
from core.data.domain_manifest import paired_images, read_manifest
from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import Pair
from core.data.picture_files import decoded, opened_picture
from core.data.samples import Mask
from core.data.truths import FOREGROUND

THRESHOLD = 128
CLASSES = ClassTable(names={FOREGROUND: "foreground"}, background_id=0)
_GREY_MODES = ("1", "L", "LA", "RGB", "RGBA", "P")


def read_classes(root: Path) -> ClassTable:
    """Return background and foreground; raises DataFaultError when the root or its manifest is unusable."""
    read_manifest(root)
    return CLASSES


def split_names(root: Path) -> list[str]:
    """Return the splits of the manifest; none if it cannot be read."""
    try:
        return list(read_manifest(root).splits())
    except DataFaultError:
        return []


def list_pairs(root: Path, split: str) -> Sequence[Pair]:
    """Return the images of a split by name, each with its mask.

    Raises:
        DataFaultError: when the manifest has no such split, or its folder is missing or empty.
    """
    splits = read_manifest(root).splits()
    if split not in splits:
        there = ", ".join(splits)
        raise DataFaultError(FaultKind.BAD_LIST, root, f"has no split {split!r}; splits there: {there}")
    return tuple(paired_images(root, splits[split]))


def read_label(path: Path) -> Mask:
    """Return the (H, W) foreground of a mask; raises as `read_grey_mask` does."""
    return read_grey_mask(path) > THRESHOLD


def read_grey_mask(path: Path) -> npt.NDArray[np.uint8]:
    """Return a mask's first channel, (H, W) with values from 0 to 255; values in between are soft targets.

    Raises:
        DataFaultError: when the file is missing, damaged, or has more than 8 bits a channel.
    """
    with opened_picture(path) as image:
        if image.mode not in _GREY_MODES:
            problem = f"has mode {image.mode}; write masks of 8 bits, 255 for the foreground"
            raise DataFaultError(FaultKind.WRONG_DEPTH, path, problem)
        pixels = decoded(image, path)
        # A palette gives the grey of its indices; a bit is 0 or 255.
        values = np.asarray(
            pixels.convert("RGB") if pixels.mode == "P" else pixels.convert("L") if pixels.mode == "1" else pixels
        )
        return values if values.ndim == 2 else values[..., 0]
