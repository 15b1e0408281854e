"""Scans by every shared class list from one reading of the label files. Free of torch.

The classes of a split depend on the class list, but the ids in its files do not. So the ids are counted once, and each
list's counts are computed from its table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from core.data.catalog import ListedAdapter
from core.data.class_lists import CLASS_LISTS
from core.data.decoding import read_label
from core.data.label_ids import IdTable, remap
from core.data.label_reading import published_reading
from core.data.pairing import Pair, PairedFiles
from core.data.presence import scan_file, store_scan
from core.data.samples import LabelMap
from core.data.truths import PixelCounts, count_pixels


class CountedReading:
    """Reads label files by the adapter's own ids, and counts the ids in each file."""

    def __init__(self, adapter: ListedAdapter) -> None:
        self._adapter = adapter
        self._counts: dict[Path, PixelCounts] = {}

    def __call__(self, path: Path) -> LabelMap:
        """Return the (H, W) train ids of a label file; raises DataFaultError."""
        ids = read_label(path)
        self._counts[path] = count_pixels(ids)
        return remap(ids, self._adapter.table_of(path, "19"))

    def scans_of(self, pairs: Sequence[Pair], cache: Path) -> dict[str, Path]:
        """Return class list -> path of the split's scan, valid until its labels change."""
        found = {}
        for name in CLASS_LISTS:
            reading = published_reading(self._adapter, name)
            found[name] = scan_file(PairedFiles(pairs, reading.classes, reading.decode), cache)
        return found

    def keep_scans(self, pairs: Sequence[Pair], scans: Mapping[str, Path]) -> None:
        """Store the scan of a split by each class list.

        Args:
            pairs: pairs of the split; all their labels have been read.
            scans: see `scans_of`.
        """
        for name, stored in scans.items():
            tables = (self._adapter.table_of(pair.label, name) for pair in pairs)
            counts = [through(self._counts[pair.label], table) for pair, table in zip(pairs, tables, strict=True)]
            store_scan(stored, np.stack(counts))


def through(counts: PixelCounts, table: IdTable) -> PixelCounts:
    """Return the (256,) pixels of each class, from the pixels of each id and the (256,) class of each id."""
    return np.bincount(table, weights=counts, minlength=256).astype(np.uint32)
