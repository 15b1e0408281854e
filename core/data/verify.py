"""Every fault of a dataset root at once, and how many images and pixels each class has. Free of torch.

`python -m core check-data` prints the report.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from core.data.catalog import ADAPTERS, Adapter, FolderDatasetSpec
from core.data.classes import ClassTable
from core.data.decoding import read_image, read_label, require_same_size
from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import Pair, missing_files
from core.data.presence import PixelCounts, count_pixels, unknown_id_problem, unknown_ids

T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `message` names the file, what was found and what was expected."""

    kind: FaultKind
    path: str
    message: str


@dataclass(frozen=True)
class SplitReport:
    """What one split holds.

    Attributes:
        name: of the split.
        listed: items that its list names.
        sound: items without a fault; the counts below are of these.
        images: raw id -> images that show it.
        pixels: raw id -> pixels.
    """

    name: str
    listed: int
    sound: int
    images: dict[int, int] = field(default_factory=dict)
    pixels: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class DataReport:
    """Result of a check; `faults` is empty when the dataset can be used."""

    root: str
    adapter: str
    classes: ClassTable | None
    splits: tuple[SplitReport, ...]
    faults: tuple[Fault, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults

    def to_text(self, faults_of_a_kind: int = 20) -> str:
        """Return the report for a terminal, with at most so many lines for each kind of fault."""
        lines = [f"{self.root} ({self.adapter}): {_plural(len(self.faults), 'fault')}"]
        for split in self.splits:
            lines += ["", f"split {split.name}: {_plural(split.listed, 'image')}, {split.sound} without fault"]
            lines += _class_lines(split, self.classes) if self.classes is not None else []
        by_kind: dict[FaultKind, list[Fault]] = defaultdict(list)
        for fault in self.faults:
            by_kind[fault.kind].append(fault)
        for kind, faults in by_kind.items():
            lines += ["", f"{kind.value}: {len(faults)}"]
            lines += [f"  {fault.message}" for fault in faults[:faults_of_a_kind]]
            lines += [f"  … and {len(faults) - faults_of_a_kind} more"] if len(faults) > faults_of_a_kind else []
        return "\n".join(lines)


def verify_dataset(spec: FolderDatasetSpec) -> DataReport:
    """Read every file of both splits once and report all faults; nothing is raised for a faulty dataset."""
    adapter, root = ADAPTERS[spec.adapter].load(), Path(spec.root)
    faults: list[DataFaultError] = []
    classes = _collected(lambda: adapter.read_classes(root), faults)
    splits = []
    if classes is not None or root.is_dir():
        for name in dict.fromkeys((spec.train_split, spec.eval_split)):
            splits.append(_verify_split(adapter, root, name, classes, faults))
    return DataReport(
        root=spec.root,
        adapter=spec.adapter,
        classes=classes,
        splits=tuple(split for split in splits if split is not None),
        faults=tuple(Fault(fault.kind, str(fault.path), str(fault)) for fault in faults),
    )


def _verify_split(
    adapter: Adapter, root: Path, name: str, classes: ClassTable | None, faults: list[DataFaultError]
) -> SplitReport | None:
    pairs = _collected(lambda: adapter.list_pairs(root, name), faults)
    if pairs is None:
        return None
    images, pixels = np.zeros(256, np.int64), np.zeros(256, np.int64)
    sound = 0
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        for found, counts in threads.map(lambda pair: _check_pair(pair, classes), pairs):
            faults.extend(found)
            if counts is not None and not found:
                sound += 1
                images += counts > 0
                pixels += counts
    return SplitReport(name, len(pairs), sound, _nonzero(images), _nonzero(pixels))


def _check_pair(pair: Pair, classes: ClassTable | None) -> tuple[Sequence[DataFaultError], PixelCounts | None]:
    missing = missing_files([pair])
    if missing:
        return missing, None
    faults: list[DataFaultError] = []
    image = _collected(lambda: read_image(pair.image), faults)
    label = _collected(lambda: read_label(pair.label), faults)
    if image is not None and label is not None:
        image_wh, label_wh = (image.shape[1], image.shape[0]), (label.shape[1], label.shape[0])
        _collected(lambda: require_same_size(pair.image, image_wh, pair.label, label_wh), faults)
    if label is None:
        return faults, None
    counts = count_pixels(label)
    if classes is not None and unknown_ids(counts, classes):
        problem = f"{unknown_id_problem(counts, classes)}; map it to a class or to {classes.ignore_id}"
        faults.append(DataFaultError(FaultKind.UNKNOWN_ID, pair.label, problem))
    return faults, counts


def _collected(read: Callable[[], T], faults: list[DataFaultError]) -> T | None:
    """Return what was read, or None after noting why it could not be."""
    try:
        return read()
    except DataFaultError as fault:
        faults.append(fault)
        return None


def _nonzero(counts: npt.NDArray[np.int64]) -> dict[int, int]:
    return {int(raw_id): int(counts[raw_id]) for raw_id in np.flatnonzero(counts)}


def _class_lines(split: SplitReport, classes: ClassTable) -> list[str]:
    special = {classes.ignore_id: "(ignored)"}
    if classes.background_id is not None:
        special[classes.background_id] = "(background)"
    lines = [f"  {'id':>3}  {'class':<20} {'images':>8} {'pixels':>13}"]
    for raw_id, name in sorted((special | classes.names).items()):
        lines.append(f"  {raw_id:>3}  {name:<20} {split.images.get(raw_id, 0):>8} {split.pixels.get(raw_id, 0):>13}")
    return lines


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
