"""Image file and label file side by side, and the dataset that reads them. Free of torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.classes import ClassTable
from core.data.decoding import image_size, read_image, read_label, require_same_size
from core.data.faults import DataFaultError, FaultKind
from core.data.samples import Image, LabelMap


@dataclass(frozen=True)
class Pair:
    """The two files of one item; `id` is unique in its split."""

    id: str
    image: Path
    label: Path


class PairedFiles:
    """A `DenseDataset` over pairs of files; raw ids are the values in the label files."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        classes: ClassTable,
        decode: Callable[[Path], LabelMap] = read_label,
        *,
        needs_labels: bool = True,
    ) -> None:
        """Keep the pairs in their order; `decode` reads a label file as raw ids.

        Args:
            pairs: of the split.
            classes: meaning of the raw ids.
            decode: reads a label file.
            needs_labels: False where label files may be absent, because people give labels later.

        Raises:
            DataFaultError: when a file of a pair does not exist.
        """
        require_files(pairs, needs_labels=needs_labels)
        self._pairs = tuple(pairs)
        self._classes = classes
        self._decode = decode
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

    def label(self, index: int) -> LabelMap:
        """Return the (H, W) raw ids.

        Raises:
            DataFaultError: when the file does not exist, or is no index image of the image's size.
        """
        pair = self._pairs[index]
        label = self._decode(pair.label)
        require_same_size(pair.image, image_size(pair.image), pair.label, (label.shape[1], label.shape[0]))
        return label

    def label_path(self, index: int) -> Path:
        """Return where the label of an item is stored, for messages."""
        return self._pairs[index].label

    def without_label(self, ids: Collection[str]) -> list[str]:
        """Return which of these items have no label file, in the order of the split."""
        wanted = set(ids)
        return [pair.id for pair in self._pairs if pair.id in wanted and not pair.label.is_file()]

    def fingerprint(self) -> str:
        """Return a hash of the class table and the label files' paths, sizes and times: equal while nothing changed.

        That a label file is absent counts too.
        """
        digest = hashlib.blake2b(repr(self._classes).encode(), digest_size=16)
        for pair in self._pairs:
            digest.update(f"\n{pair.id}\0{pair.label.absolute()}\0{_state_of(pair.label)}".encode())
        return digest.hexdigest()


def _state_of(file: Path) -> str:
    """Return size and time of a file; they change with it, and when it comes or goes."""
    try:
        status = file.stat()
    except FileNotFoundError:
        return "absent"
    return f"{status.st_size}\0{status.st_mtime_ns}"


def missing_files(pairs: Sequence[Pair], *, needs_labels: bool = True) -> list[DataFaultError]:
    """Return a fault for every file of the pairs that does not exist, in order; labels count where they are needed."""
    return [
        DataFaultError(FaultKind.MISSING_FILE, path, f"does not exist; the split lists it as the {role} of {pair.id!r}")
        for pair in pairs
        for role, path in (("image", pair.image), ("label", pair.label))
        if (needs_labels or role == "image") and not path.is_file()
    ]


def require_files(pairs: Sequence[Pair], *, needs_labels: bool = True) -> None:
    """Refuse pairs that lack a file; labels count where they are needed.

    Raises:
        DataFaultError: with the first missing name and the count.
    """
    missing = missing_files(pairs, needs_labels=needs_labels)
    if missing:
        more = f" (and {len(missing) - 1} more files are missing)" if len(missing) > 1 else ""
        raise DataFaultError(
            FaultKind.MISSING_FILE, missing[0].path, f"does not exist{more}; `python -m core check-data` lists all"
        )


def read_split_list(path: Path) -> list[str]:
    """Return the lines of a split list, blank ones left out.

    Raises:
        DataFaultError: when the list is missing, is not text, or is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        there = ", ".join(sorted(other.stem for other in path.parent.glob("*.txt"))) or "none"
        raise DataFaultError(FaultKind.BAD_LIST, path, f"the split does not exist; splits there: {there}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataFaultError(FaultKind.BAD_LIST, path, f"cannot be read as a list of names ({error})") from None
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise DataFaultError(FaultKind.EMPTY, path, "lists no image; write one name a line")
    return names


def require_distinct(pairs: Sequence[Pair], listed_in: Path) -> None:
    """Refuse a split that names an item twice.

    Raises:
        DataFaultError: naming the first repeated id.
    """
    seen: set[str] = set()
    for pair in pairs:
        if pair.id in seen:
            raise DataFaultError(
                FaultKind.BAD_LIST, listed_in, f"names {pair.id!r} twice; every item needs its own name"
            )
        seen.add(pair.id)


def inside(folder: Path, name: str, listed_in: Path) -> Path:
    """Return `folder / name` for a name from a list.

    Raises:
        DataFaultError: when the name leads out of the folder.
    """
    # Split by hand: a list has thousands of names, and a pure path of each costs more than the rest of the line.
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"the name {name!r} leads out of {folder}")
    return folder.joinpath(*parts)


def require_root(root: Path) -> None:
    """Refuse a dataset root that is no folder.

    Raises:
        DataFaultError: saying whether it is missing or not a folder.
    """
    if not root.is_dir():
        problem = "is not a folder" if root.exists() else "does not exist"
        raise DataFaultError(FaultKind.MISSING_ROOT, root, f"the dataset's root {problem}; check the path")
