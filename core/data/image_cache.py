"""Decoded images kept in memory within a budget. Free of torch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from core.data.classes import ClassTable
from core.data.samples import DenseDataset, Image, LabelMap

Pixels = npt.NDArray[np.uint8]
MIB = 2**20


class CachedDataset:
    """A `DenseDataset` that decodes each item once, until the budget is full; safe to read from several threads.

    Nothing is evicted: training visits all items once per epoch, so the oldest item may be the next one needed. Arrays
    are shared and read-only.
    """

    def __init__(self, dataset: DenseDataset, cache_mib: int) -> None:
        """Wrap a dataset; with a budget of 0 every read decodes."""
        self._dataset = dataset
        self._free_bytes = cache_mib * MIB
        self._kept: dict[tuple[str, int], Pixels] = {}
        self._lock = threading.Lock()

    @property
    def ids(self) -> Sequence[str]:
        """Name of each item."""
        return self._dataset.ids

    @property
    def classes(self) -> ClassTable:
        """Meaning of the raw label values."""
        return self._dataset.classes

    def __len__(self) -> int:
        return len(self._dataset)

    def image(self, index: int) -> Image:
        """Return the (H, W, 3) image; raises as the dataset does."""
        return self._read("image", index, self._dataset.image)

    def label(self, index: int) -> LabelMap:
        """Return the (H, W) raw ids; raises as the dataset does."""
        return self._read("label", index, self._dataset.label)

    def _read(self, kind: str, index: int, decode: Callable[[int], Pixels]) -> Pixels:
        kept = self._kept.get((kind, index))
        if kept is not None:
            return kept
        pixels = decode(index)
        with self._lock:
            if (kind, index) not in self._kept and pixels.nbytes <= self._free_bytes:
                pixels.flags.writeable = False
                self._kept[kind, index] = pixels
                self._free_bytes -= pixels.nbytes
        return pixels
