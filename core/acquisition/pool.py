"""The images of a target that may be queried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.samples import Image


@dataclass(frozen=True)
class PoolImage:
    """One image of the pool: name, pixels, and the (H, W) bool mask of pixels that may still be queried."""

    name: str
    image: Image
    is_open: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pool:
    """The images that may be queried.

    Attributes:
        names: ids of all training images of the target.
        groups: group of each image.
        is_labelled: whether each image is fully labelled.
        read: position -> image and its open pixels.
        set_aside: ids of images whose last query was skipped or sent back; this round does not query them.
    """

    names: Sequence[str]
    groups: Sequence[str]
    is_labelled: Sequence[bool]
    read: Callable[[int], PoolImage]
    set_aside: Collection[str] = ()

    @property
    def unlabelled(self) -> list[int]:
        """Positions of the images that are not fully labelled."""
        return [position for position, done in enumerate(self.is_labelled) if not done]

    @property
    def open(self) -> list[int]:
        """Positions of the images in `unlabelled` that may be queried."""
        return [position for position in self.unlabelled if self.names[position] not in self.set_aside]
