"""Checking a dataset root: all its faults at once, and the content of its images and labels (DS-1). Free of torch.

`python -m core check-data` prints the report.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.catalog import ADAPTERS, Adapter, DoubtingAdapter, ListedAdapter, reader_of
from core.data.classes import ClassTable
from core.data.faults import DataFaultError, FaultKind
from core.data.image_index import ImageEntry, ImageIndex, IndexBuilder, shown_ids
from core.data.label_reading import has_published_tables, label_reading
from core.data.listed_scans import CountedReading
from core.data.pair_check import PairCheck, check_pair, collected
from core.data.pairing import Decode, Pair, PairedFiles, file_faults
from core.data.presence import scan_file, store_scan, unknown_ids
from core.data.report import MOST_SIZES, DataReport, Fault, SizeCount, SplitReport, UnknownId, count_kinds
from core.data.specs import FolderDatasetSpec
from core.data.split_doubts import absence_notice, binary_mask_fault, same_split_notice
from core.data.truths import VIEWS


@dataclass(frozen=True)
class DataCheck:
    """A check's report, and its index of the images."""

    report: DataReport
    index: ImageIndex


def verify_dataset(spec: FolderDatasetSpec) -> DataReport:
    """Read every file of both splits once and report all faults; nothing is raised for a faulty dataset."""
    return check_dataset(spec).report


def check_dataset(spec: FolderDatasetSpec, presence_cache: Path | None = None) -> DataCheck:
    """Read every file of both splits once; nothing is raised for a faulty dataset.

    Args:
        spec: the dataset to check.
        presence_cache: folder of stored scans. The scan of a sound split is added, so that no run scans it again.
    """
    entry, root = ADAPTERS[spec.adapter], Path(spec.root)
    adapter, view = entry.load(), VIEWS[entry.samples]
    faults: list[DataFaultError] = []
    notices: list[DataFaultError] = []
    reading = collected(lambda: label_reading(spec), faults)
    classes, decode = (reading.classes, reading.decode) if reading is not None else (None, reader_of(adapter))
    counted = _counted(spec, adapter) if presence_cache is not None else None
    splits, index = [], IndexBuilder()
    if classes is not None or root.is_dir():
        for name in dict.fromkeys((spec.train_split, spec.eval_split)):
            pairs = collected(partial(adapter.list_pairs, root, name), faults)
            if pairs is not None:
                scans = _Scans.of(pairs, classes, decode, presence_cache, counted)
                check = partial(check_pair, classes=classes, decode=counted or decode, view=view, root=root)
                checks = _check_pairs(pairs, check)
                scans.keep(checks)
                wrong, odd = _doubts(adapter, root, name, checks, classes)
                faults += [*(fault for check in checks for fault in check.faults), *wrong]
                notices += [*(notice for check in checks for notice in check.notices()), *odd]
                splits.append(_split_report(name, checks, classes))
                index.add_split(name, [_entry(check, name, place, root) for place, check in enumerate(checks)])
    # A layout whose usual splits are equal is a source, on which nobody tests.
    if spec.train_split == spec.eval_split and entry.train_split != entry.eval_split:
        notices.append(same_split_notice(root, spec.train_split))
    found = tuple(Fault.of(fault) for fault in faults)
    noted = (*map(Fault.of, notices), *_duplicates(index.entries, root))
    report = DataReport(
        root=spec.root,
        adapter=spec.adapter,
        classes=classes,
        splits=tuple(splits),
        faults=found,
        notices=noted,
        fault_counts=count_kinds(found),
        notice_counts=count_kinds(noted),
        digest=_digest(classes, index.entries),
    )
    return DataCheck(report, index.build())


def _counted(spec: FolderDatasetSpec, adapter: Adapter) -> CountedReading | None:
    """Return the reading that counts for every class list; None if the dataset has only one list."""
    is_usual = spec.class_list in (None, "19") and has_published_tables(adapter, Path(spec.root))
    return CountedReading(adapter) if is_usual and isinstance(adapter, ListedAdapter) else None


@dataclass(frozen=True)
class _Scans:
    """The paths for the scans of a split, computed before its labels are read; none if files are missing."""

    pairs: Sequence[Pair]
    own: Path | None = None
    by_list: Mapping[str, Path] = field(default_factory=dict)
    counted: CountedReading | None = None

    @classmethod
    def of(
        cls,
        pairs: Sequence[Pair],
        classes: ClassTable | None,
        decode: Decode,
        cache: Path | None,
        counted: CountedReading | None,
    ) -> _Scans:
        if cache is None or classes is None or any(file_faults(pairs)):
            return cls(pairs)
        own = scan_file(PairedFiles(pairs, classes, decode), cache)
        return cls(pairs, own, counted.scans_of(pairs, cache) if counted is not None else {}, counted)

    def keep(self, checks: Sequence[PairCheck]) -> None:
        """Store the scans of a split without faults."""
        counts = [check.counts for check in checks if check.counts is not None and not check.faults]
        if self.own is None or not counts or len(counts) < len(checks):
            return
        store_scan(self.own, np.stack(counts))
        if self.counted is not None:
            self.counted.keep_scans(self.pairs, self.by_list)


def _check_pairs(pairs: Sequence[Pair], check: Callable[[Pair], PairCheck]) -> list[PairCheck]:
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        return list(threads.map(check, pairs))


def _doubts(
    adapter: Adapter, root: Path, split: str, checks: Sequence[PairCheck], classes: ClassTable | None
) -> tuple[list[DataFaultError], list[DataFaultError]]:
    """Return faults and notices about a split as a whole; labels with faults of their own are left out."""
    sound = [check for check in checks if check.counts is not None and not check.faults]
    if not sound or classes is None:
        return [], []
    pixels = np.stack([check.counts for check in sound if check.counts is not None])
    wrong_ids = adapter.doubt([check.pair for check in sound]) if isinstance(adapter, DoubtingAdapter) else None
    fault = wrong_ids or binary_mask_fault(root, split, pixels, classes)
    if fault is not None:
        return [fault], []
    notice = absence_notice(root, split, pixels, classes)
    return [], [notice] if notice is not None else []


def _split_report(name: str, checks: Sequence[PairCheck], classes: ClassTable | None) -> SplitReport:
    images, pixels = np.zeros(256, np.int64), np.zeros(256, np.int64)
    sound = [check for check in checks if not check.faults]
    for check in sound:
        if check.counts is not None:
            images += check.counts > 0
            pixels += check.counts
    sizes = Counter(check.size for check in checks if check.size is not None)
    return SplitReport(
        name=name,
        listed=len(checks),
        sound=len(sound),
        images=_nonzero(images),
        pixels=_nonzero(pixels),
        sizes=tuple(
            SizeCount(width=width, height=height, images=count)
            for (width, height), count in sizes.most_common(MOST_SIZES)
        ),
        num_sizes=len(sizes),
        modes=dict(Counter(check.header.mode for check in checks if check.header is not None).most_common()),
        unknown=tuple(_unknown(checks, classes)) if classes is not None else (),
    )


def _unknown(checks: Sequence[PairCheck], classes: ClassTable) -> Iterator[UnknownId]:
    """Yield the label values outside the class list, with the first file of each."""
    labels: Counter[int] = Counter()
    pixels: Counter[int] = Counter()
    first: dict[int, str] = {}
    for check in checks:
        for raw_id in unknown_ids(check.counts, classes) if check.counts is not None else ():
            labels[raw_id] += 1
            pixels[raw_id] += int(check.counts[raw_id]) if check.counts is not None else 0
            first.setdefault(raw_id, str(check.pair.label))
    for raw_id in sorted(labels):
        yield UnknownId(id=raw_id, labels=labels[raw_id], pixels=pixels[raw_id], first=first[raw_id])


def _entry(check: PairCheck, split: str, place: int, root: Path) -> ImageEntry:
    return ImageEntry(
        split=split,
        index=place,
        id=check.pair.id,
        image_path=os.path.relpath(check.pair.image, root),
        label_path=os.path.relpath(check.pair.label, root),
        size=check.size,
        image_file=check.image_file,
        label_file=check.label_file,
        classes=shown_ids(check.counts) if check.counts is not None else (),
    )


def _duplicates(entries: Sequence[ImageEntry], root: Path) -> Iterator[Fault]:
    """Yield a notice for each image that occurs more than once, byte for byte."""
    same: dict[str, list[ImageEntry]] = defaultdict(list)
    for entry in entries:
        if entry.image_file is not None:
            same[entry.image_file.sha256].append(entry)
    for group in same.values():
        if len(group) > 1:
            path = root / group[0].image_path
            others = ", ".join(f"{entry.id!r} of {entry.split}" for entry in group[1:4])
            more = f" and {len(group) - 4} more" if len(group) > 4 else ""
            crossing = len({entry.split for entry in group}) > 1
            effect = "; scores would count pictures that were learned" if crossing else ""
            message = f"{path}: {group[0].id!r} of {group[0].split} is the same picture as {others}{more}{effect}"
            yield Fault(kind=FaultKind.DUPLICATE, path=str(path), message=message)


def _digest(classes: ClassTable | None, entries: Sequence[ImageEntry]) -> str | None:
    if not entries:
        return None
    digest = hashlib.sha256(repr(classes).encode())
    for entry in entries:
        digest.update(f"\n{entry.manifest_line()}".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _nonzero(counts: npt.NDArray[np.int64]) -> dict[int, int]:
    return {int(raw_id): int(counts[raw_id]) for raw_id in np.flatnonzero(counts)}
