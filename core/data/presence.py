"""Which classes occur in which images, scanned once and stored (EIR 9, "Speed requirements"). Free of torch.

One pass over the label maps counts the pixels of every raw id; then finding the images of a step takes milliseconds.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.classes import ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import PairedFiles
from core.data.samples import DenseDataset
from core.data.truths import PixelCounts, count_pixels
from core.files import replacing

ClassSets = npt.NDArray[np.bool_]
"""(N, 256): whether raw id c occurs in image n."""

PRESENCE_DIR = "presence"
"""Folder of stored scans, inside the folder of generated data."""


def unknown_ids(counts: PixelCounts, classes: ClassTable) -> list[int]:
    """Return the raw ids that occur but are neither a class nor background nor ignored."""
    known = {*classes.names, classes.ignore_id, classes.background_id}
    return [int(raw_id) for raw_id in np.flatnonzero(counts) if int(raw_id) not in known]


@dataclass(frozen=True)
class ClassPresence:
    """Pixels of every raw id in every image of a split.

    Attributes:
        pixels: (N, 256) counts, in the order of the dataset's items.
        classes: meaning of the raw ids.
    """

    pixels: PixelCounts
    classes: ClassTable

    def class_sets(self) -> ClassSets:
        """Return (N, 256) booleans: whether raw id c occurs in image n."""
        return self.pixels > 0

    def images_of(self, class_id: int) -> int:
        """Return the number of images that show a raw id."""
        return int(np.count_nonzero(self.pixels[:, class_id]))


def scan_presence(dataset: DenseDataset, cache: Path | None = None) -> ClassPresence:
    """Return the class presence of a split, from the cache if nothing has changed since the last scan.

    Args:
        dataset: one split.
        cache: folder of stored scans, created if missing. Without it, and for a dataset that is not made of files,
            nothing is stored.

    Raises:
        DataFaultError: when a label cannot be read, or holds an id outside the class list (first file and count).
    """
    stored = scan_file(dataset, cache) if cache is not None and isinstance(dataset, PairedFiles) else None
    pixels = None if stored is None else _load(stored, len(dataset))
    if pixels is None:
        pixels = _scan(dataset)
        _require_known_ids(pixels, dataset)
        if stored is not None:
            store_scan(stored, pixels)
    return ClassPresence(pixels, dataset.classes)


def known_presence(dataset: PairedFiles, cache: Path) -> ClassPresence | None:
    """Return the class presence of a split if it was scanned before and nothing has changed since; reads no label."""
    pixels = _load(scan_file(dataset, cache), len(dataset))
    return None if pixels is None else ClassPresence(pixels, dataset.classes)


def _scan(dataset: DenseDataset) -> PixelCounts:
    def counts_of(index: int) -> PixelCounts:
        return dataset.counts(index) if isinstance(dataset, PairedFiles) else count_pixels(dataset.label(index))

    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        return np.stack(list(threads.map(counts_of, range(len(dataset)))))


def _require_known_ids(pixels: PixelCounts, dataset: DenseDataset) -> None:
    unknown = unknown_ids(pixels.max(axis=0, initial=0), dataset.classes)
    if not unknown:
        return
    offenders: Sequence[int] = np.flatnonzero(pixels[:, unknown].any(axis=1)).tolist()
    first = offenders[0]
    raise DataFaultError(
        FaultKind.UNKNOWN_ID,
        dataset.label_path(first) if isinstance(dataset, PairedFiles) else Path(dataset.ids[first]),
        f"{unknown_id_problem(pixels[first], dataset.classes)}; {len(offenders)} of {len(dataset)} label files "
        "are so, and `python -m core check-data` lists them",
    )


def unknown_id_problem(counts: PixelCounts, classes: ClassTable) -> str:
    """Return a sentence on the ids of a label map that are outside the class list, and on those that it allows."""
    found = ", ".join(f"{raw_id} ({counts[raw_id]} pixels)" for raw_id in unknown_ids(counts, classes))
    special = f"{classes.ignore_id} ignored"
    if classes.background_id is not None:
        special = f"{classes.background_id} background, {special}"
    return f"label id {found} is not in the class list ({min(classes.names)} to {max(classes.names)}, {special})"


def scan_file(dataset: PairedFiles, cache: Path) -> Path:
    """Return the path of a split's stored scan, valid until its labels change."""
    return cache / f"presence-{dataset.fingerprint()}.npz"


def _load(path: Path, num_images: int) -> PixelCounts | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            pixels = stored["pixels"]
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        # The file is missing or damaged, so the caller scans again.
        return None
    if pixels.dtype != np.uint32 or pixels.shape != (num_images, 256):
        return None
    return np.asarray(pixels)


def store_scan(path: Path, pixels: PixelCounts) -> None:
    """Store (N, 256) pixels of each raw id in each image, for `scan_presence` and `known_presence` to find."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        np.savez_compressed(file, pixels=pixels)
