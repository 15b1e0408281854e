"""The images of a target that may be queried."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.samples import Image


@dataclass(frozen=True)
class PoolImage:
    """One image of the pool: its name, its pixels, and which of them may still be queried, (H, W) bool."""

    name: str
    image: Image
    is_open: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Pool:
    """The images that may be queried.

    Attributes:
        names: ids of all training images of the target.
        groups: group of each.
        is_labelled: whether an image is labelled as a whole.
        read: position -> image and its open pixels.
        set_aside: ids of images whose last answer was refused or withheld; they are not queried this time.
    """

    names: Sequence[str]
    groups: Sequence[str]
    is_labelled: Sequence[bool]
    read: Callable[[int], PoolImage]
    set_aside: Collection[str] = ()

    @property
    def unlabelled(self) -> list[int]:
        """Positions of the images that are not labelled as a whole."""
        return [position for position, done in enumerate(self.is_labelled) if not done]

    @property
    def open(self) -> list[int]:
        """Positions of the unlabelled images that may be queried."""
        return [position for position in self.unlabelled if self.names[position] not in self.set_aside]
