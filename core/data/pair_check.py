"""Checking the two files of one item: their faults and their content, in one reading. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from core.data.classes import ClassTable
from core.data.decoding import PictureHeader, image_header, orientation_problem, read_image, require_same_size
from core.data.faults import DataFaultError, FaultKind
from core.data.image_index import FileFacts
from core.data.pairing import Decode, ItemDecode, Pair, decoded_truth, file_faults
from core.data.picture_files import UPRIGHT
from core.data.presence import unknown_id_problem, unknown_ids
from core.data.truths import PixelCounts, TruthView

T = TypeVar("T")


@dataclass
class PairCheck:
    """The result of reading the two files of an item; fields are None if a file could not be read."""

    pair: Pair
    faults: list[DataFaultError] = field(default_factory=list)
    header: PictureHeader | None = None
    counts: PixelCounts | None = None
    image_file: FileFacts | None = None
    label_file: FileFacts | None = None

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the image."""
        return self.header.size if self.header is not None else None

    def notices(self) -> Iterator[DataFaultError]:
        """Yield notices: findings that are worth a look but do not prevent a run."""
        if self.header is not None and self.header.orientation != UPRIGHT:
            yield DataFaultError(FaultKind.ORIENTED, self.pair.image, orientation_problem(self.header))


def check_pair(pair: Pair, classes: ClassTable | None, decode: Decode, view: TruthView, root: Path) -> PairCheck:
    """Read an image and its label.

    Args:
        pair: pair of the split.
        classes: classes of the dataset; None if they could not be read.
        decode: reads the truth of an item.
        view: functions for truths of the adapter's kind.
        root: root of the dataset; every file must lie inside it.
    """
    check = PairCheck(pair, list(file_faults([pair], root=root)))
    unusable = {fault.path for fault in check.faults}
    # Check the image even without a label: a run in which people label it needs no other file.
    if pair.image not in unusable:
        check.image_file = FileFacts.read(pair.image)
        if collected(lambda: read_image(pair.image), check.faults) is not None:
            check.header = image_header(pair.image)
    if pair.label not in unusable:
        # A label file shared by many items is read only once.
        check.label_file = _shared_facts(pair.label) if isinstance(decode, ItemDecode) else FileFacts.read(pair.label)
        truth = collected(lambda: decoded_truth(decode, pair), check.faults)
        if truth is not None:
            check.counts = view.count(truth)
            _check_label(check, view.size(truth), check.counts, classes)
    return check


def _shared_facts(path: Path) -> FileFacts | None:
    state = path.stat()
    return _facts(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=8)
def _facts(path: Path, _bytes: int, _time: int) -> FileFacts | None:
    return FileFacts.read(path)


def collected(read: Callable[[], T], faults: list[DataFaultError]) -> T | None:
    """Return the result of `read`; on a fault, record it and return None."""
    try:
        return read()
    except DataFaultError as fault:
        faults.append(fault)
        return None


def _check_label(check: PairCheck, label_wh: tuple[int, int], counts: PixelCounts, classes: ClassTable | None) -> None:
    pair, header = check.pair, check.header
    if header is not None:
        collected(lambda: require_same_size(pair.image, header, pair.label, label_wh), check.faults)
    if classes is not None and unknown_ids(counts, classes):
        problem = f"{unknown_id_problem(counts, classes)}; map it to a class or to {classes.ignore_id}"
        check.faults.append(DataFaultError(FaultKind.UNKNOWN_ID, pair.label, problem))
