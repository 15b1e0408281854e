"""A dataset with labels from people or an oracle for some pixels. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from core.data.classes import ClassTable
from core.data.decoding import read_label
from core.data.faults import DataFaultError, FaultKind
from core.data.samples import DenseDataset, Image, LabelMap


class LabelOverlay:
    """A `DenseDataset` with the labels of a manifest; every other pixel is ignored.

    Args:
        base: dataset of the images.
        masks: image id -> index PNG of raw ids at the image's size, with the ignore id where nothing was labelled.
        whole: ids of images whose own labels are used.
    """

    def __init__(self, base: DenseDataset, masks: Mapping[str, Path], whole: Sequence[str] = ()) -> None:
        unknown = sorted({*masks, *whole} - set(base.ids))
        if unknown:
            raise DataFaultError(
                FaultKind.BAD_LIST,
                Path(unknown[0]),
                f"labels are given for {len(unknown)} images that the dataset does not have; use its own list",
            )
        self._base, self._masks, self._whole = base, dict(masks), frozenset(whole)

    @property
    def ids(self) -> Sequence[str]:
        """Name of each item."""
        return self._base.ids

    @property
    def classes(self) -> ClassTable:
        """Meaning of the raw label values."""
        return self._base.classes

    def __len__(self) -> int:
        return len(self._base)

    def image(self, index: int) -> Image:
        """Return the image."""
        return self._base.image(index)

    def label(self, index: int) -> LabelMap:
        """Return the known labels of an image, with the ignore id elsewhere; raises as `known` does."""
        found = self.known(index)
        if found is None:
            return np.full(self._base.image(index).shape[:2], self.classes.ignore_id, dtype=np.uint8)
        return found

    def known(self, index: int) -> LabelMap | None:
        """Return an image's own labels if `whole` lists it, else the manifest's mask, else None.

        Raises:
            DataFaultError: when a mask cannot be read or has another size than its image.
        """
        name = self.ids[index]
        if name in self._whole:
            return self._base.label(index)
        if name not in self._masks:
            return None
        mask, size = read_label(self._masks[name]), self._base.image(index).shape[:2]
        if mask.shape != size:
            raise DataFaultError(
                FaultKind.SIZE_MISMATCH,
                self._masks[name],
                f"is {mask.shape[1]}x{mask.shape[0]} but its image {name} is {size[1]}x{size[0]}; both need one size",
            )
        return mask
