"""Pairs of image file and label file, and the dataset that reads them. Free of torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from core.data.classes import ClassTable
from core.data.decoding import image_header, read_image, read_label, require_same_size
from core.data.faults import DataFaultError, FaultKind
from core.data.plain_files import Confines, not_plain
from core.data.samples import Image, Instances, LabelMap, Mask, SampleKind, Truth
from core.data.truths import VIEWS, PixelCounts

OTHER_SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")
NAMED_FILES = 20
"""Maximum number of files that one message names."""


@dataclass(frozen=True)
class Pair:
    """The two files of one item; `id` is unique in its split."""

    id: str
    image: Path
    label: Path


@dataclass(frozen=True)
class MappedDecode:
    """Reads label files with one of an adapter's mappings of ids.

    Attributes:
        mapping: name of the mapping; scans of different mappings are stored apart.
        read: reads one file; raises DataFaultError.
    """

    mapping: str
    read: Callable[[Path], Truth]

    def __call__(self, path: Path) -> Truth:
        """Return the truth in a label file; raises as `read` does."""
        return self.read(path)


@dataclass(frozen=True)
class ItemDecode:
    """Reads label files that each describe several items.

    Attributes:
        read: reads the truth of one item; raises DataFaultError.
    """

    read: Callable[[Pair], Truth]


Decode = Callable[[Path], Truth] | ItemDecode
"""Reads the truth of an item: from a label file of its own, or from a shared one."""


def decoded_truth(decode: Decode, pair: Pair) -> Truth:
    """Return the truth of an item; raises DataFaultError."""
    return decode.read(pair) if isinstance(decode, ItemDecode) else decode(pair.label)


class PairedFiles:
    """A dataset over pairs of files, whose label files hold truths of one kind.

    `kind` decides whether it is a `DenseDataset`, a `BinaryDataset` or an `InstanceDataset`.
    """

    def __init__(
        self,
        pairs: Sequence[Pair],
        classes: ClassTable,
        decode: Decode = read_label,
        *,
        kind: SampleKind = SampleKind.DENSE,
        needs_labels: bool = True,
        root: Path | None = None,
    ) -> None:
        """Keep the pairs in their order.

        Args:
            pairs: pairs of the split.
            classes: meaning of the raw ids.
            decode: reads a truth of the kind; a `MappedDecode` if the adapter has several mappings.
            kind: kind of the samples.
            needs_labels: False if label files may be absent, because people label later.
            root: root of the dataset; every file must lie inside it. None skips this check.

        Raises:
            DataFaultError: when a file of a pair does not exist, is no plain file, or leads out of the root.
        """
        require_files(pairs, needs_labels=needs_labels, root=root)
        self._pairs = tuple(pairs)
        self._classes = classes
        self._decode = decode
        self.kind = kind
        self._ids = tuple(pair.id for pair in pairs)

    @property
    def ids(self) -> Sequence[str]:
        """Name of each item."""
        return self._ids

    @property
    def classes(self) -> ClassTable:
        """Meaning of the raw label values."""
        return self._classes

    def __len__(self) -> int:
        return len(self._pairs)

    def image(self, index: int) -> Image:
        """Return the (H, W, 3) image; raises DataFaultError naming the file when it cannot be read."""
        return read_image(self._pairs[index].image)

    def truth(self, index: int) -> Truth:
        """Return the truth of an image, of the dataset's kind.

        Raises:
            DataFaultError: when the file does not exist, cannot be read as this kind, or is not of the image's size.
        """
        pair = self._pairs[index]
        truth = decoded_truth(self._decode, pair)
        require_same_size(pair.image, image_header(pair.image), pair.label, VIEWS[self.kind].size(truth))
        return truth

    def label(self, index: int) -> LabelMap:
        """Return the (H, W) raw ids; raises as `truth` does."""
        return cast(LabelMap, self._truth_of(SampleKind.DENSE, index))

    def mask(self, index: int) -> Mask:
        """Return the (H, W) foreground; raises as `truth` does."""
        return cast(Mask, self._truth_of(SampleKind.BINARY, index))

    def instances(self, index: int) -> Instances:
        """Return the objects; raises as `truth` does."""
        return cast(Instances, self._truth_of(SampleKind.INSTANCES, index))

    def counts(self, index: int) -> PixelCounts:
        """Return the (256,) pixels of each raw id that an image shows; raises as `truth` does."""
        return VIEWS[self.kind].count(self.truth(index))

    def _truth_of(self, kind: SampleKind, index: int) -> Truth:
        if self.kind is not kind:
            raise TypeError(f"the samples are {VIEWS[self.kind].title}, and were asked for {VIEWS[kind].title}")
        return self.truth(index)

    @property
    def pairs(self) -> Sequence[Pair]:
        """The files of each item."""
        return self._pairs

    @property
    def images(self) -> Collection[Path]:
        """Paths of all images."""
        return [pair.image for pair in self._pairs]

    def label_path(self, index: int) -> Path:
        """Return the path of an item's label, for messages."""
        return self._pairs[index].label

    def without_label(self, ids: Collection[str]) -> list[str]:
        """Return which of these items have no label file, in the order of the split."""
        wanted = set(ids)
        return [pair.id for pair in self._pairs if pair.id in wanted and not pair.label.is_file()]

    def fingerprint(self) -> str:
        """Return a hash of the class table, the label files' paths, sizes and times, and the mapping of ids.

        It is equal as long as nothing changes. It also changes when a label file appears or disappears.
        """
        mapping = self._decode.mapping if isinstance(self._decode, MappedDecode) else ""
        digest = hashlib.blake2b(f"{self._classes!r}{mapping}".encode(), digest_size=16)
        for pair in self._pairs:
            digest.update(f"\n{pair.id}\0{pair.label.absolute()}\0{_state_of(pair.label)}".encode())
        return digest.hexdigest()


def _state_of(file: Path) -> str:
    """Return size and time of a file; they change when the file changes, appears or disappears."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return "absent"
    return f"{status.st_size}\0{status.st_mtime_ns}"


def file_faults(
    pairs: Sequence[Pair], *, needs_labels: bool = True, root: Path | None = None
) -> Iterator[DataFaultError]:
    """Yield a fault for every file of the pairs that is missing, is no plain file, or leads out of the root.

    Args:
        pairs: pairs to check, in order.
        needs_labels: False if label files may be absent.
        root: root of the dataset; None does not check where links lead.
    """
    confines = Confines(root) if root is not None else None
    for pair in pairs:
        for role, path in (("image", pair.image), ("label", pair.label)):
            if confines is not None and confines.hold(path):
                continue
            fault = confines.fault_of(path) if confines is not None else None
            if fault is None and not path.is_file():
                fault = _absent(pair, role, path, needs_labels)
            if fault is not None:
                yield fault


def _absent(pair: Pair, role: str, path: Path, needs_labels: bool) -> DataFaultError | None:
    if path.exists():
        return not_plain(path)
    if role == "label" and not needs_labels:
        return None
    found = next((other.name for other in _siblings(path) if other.is_file()), None)
    beside = f", though {found} lies there" if found is not None else ""
    way_out = ", and labels are PNG files" if found is not None and role == "label" else ""
    problem = f"does not exist{beside}; the split lists it as the {role} of {pair.id!r}{way_out}"
    return DataFaultError(FaultKind.MISSING_FILE, path, problem)


def _siblings(path: Path) -> Iterator[Path]:
    """Yield the paths of files whose names differ only in the suffix."""
    for suffix in OTHER_SUFFIXES:
        yield from (path.with_suffix(suffix), path.with_suffix(suffix.upper()))


def require_files(pairs: Sequence[Pair], *, needs_labels: bool = True, root: Path | None = None) -> None:
    """Refuse pairs with a missing or forbidden file; a missing label counts only if labels are needed.

    Raises:
        DataFaultError: the fault of the only file; for several, with the first names and their number.
    """
    faults = list(file_faults(pairs, needs_labels=needs_labels, root=root))
    if not faults:
        return
    first = faults[0]
    problem = str(first).removeprefix(f"{first.path}: ")
    if len(faults) > 1:
        names = ", ".join(_below(fault.path, root) for fault in faults[:NAMED_FILES])
        more = f" and {len(faults) - NAMED_FILES} more" if len(faults) > NAMED_FILES else ""
        problem += f"; {len(faults)} files cannot be used: {names}{more}"
    raise DataFaultError(first.kind, first.path, f"{problem}; `python -m core check-data` looks at every file")


def _below(path: Path, root: Path | None) -> str:
    return str(path.relative_to(root)) if root is not None and path.is_relative_to(root) else str(path)


def require_root(root: Path) -> None:
    """Refuse a dataset root that is no folder.

    Raises:
        DataFaultError: saying whether it is missing or not a folder.
    """
    if not root.is_dir():
        problem = "is not a folder" if root.exists() else "does not exist"
        raise DataFaultError(FaultKind.MISSING_ROOT, root, f"the dataset's root {problem}; check the path")
