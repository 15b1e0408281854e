"""An index file of a checked dataset's images: pages by split and class without reading the dataset.

Each image has a row: its files relative to the root, their sizes, times and SHA-256, the image's size, and one bit per
raw id. With 100,000 images the file has about 20 MB; a page by class is one pass over 100,000 bytes. Free of torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.faults import DataFaultError
from core.data.plain_files import MAX_PICTURE_BYTES, opened_plainly
from core.data.truths import PixelCounts

_BYTES_OF_CLASSES = 256 // 8
_FACTS = 6
"""Width and height of the image, then size and time of the image file and of the label file; 0 if unknown."""


@dataclass(frozen=True)
class FileFacts:
    """Facts about one file at the time of the check.

    Attributes:
        size: size in bytes.
        mtime_ns: time of its last change.
        sha256: digest of its bytes.
    """

    size: int
    mtime_ns: int
    sha256: str

    @classmethod
    def read(cls, path: Path) -> FileFacts | None:
        """Return the facts of a plain file; None if it is no plain file, or cannot be read."""
        try:
            with opened_plainly(path, MAX_PICTURE_BYTES) as file:
                status = path.stat()
                return cls(status.st_size, status.st_mtime_ns, file_digest(file, "sha256").hexdigest())
        except (OSError, DataFaultError):
            return None


@dataclass(frozen=True)
class ImageEntry:
    """One image of a split.

    Attributes:
        split: name of its split.
        index: position in the split's list, from 0.
        id: name in the split's list.
        image_path, label_path: paths relative to the dataset's root.
        size: width and height; None if the image cannot be read.
        image_file, label_file: facts of the files; None if the file is missing.
        classes: raw ids that its label shows.
    """

    split: str
    index: int
    id: str
    image_path: str
    label_path: str
    size: tuple[int, int] | None
    image_file: FileFacts | None
    label_file: FileFacts | None
    classes: tuple[int, ...]

    def manifest_line(self) -> str:
        """Return the image's line of the manifest."""
        files = ((self.image_path, self.image_file), (self.label_path, self.label_file))
        parts = [f"{path}\0{facts.size}\0{facts.sha256}" if facts else f"{path}\0missing" for path, facts in files]
        return "\0".join([self.split, *parts])


@dataclass(frozen=True)
class ImageIndex:
    """All images of a dataset, split after split.

    Attributes:
        splits: name and number of images of each.
        ids, image_paths, label_paths: of every image.
        facts: (N, 6) int64, see `_FACTS`.
        digests: (N, 2, 32) uint8, SHA-256 of image and label.
        presence: (N, 32) uint8, bit c of a row says whether raw id c occurs.
    """

    splits: tuple[tuple[str, int], ...]
    ids: tuple[str, ...]
    image_paths: tuple[str, ...]
    label_paths: tuple[str, ...]
    facts: npt.NDArray[np.int64]
    digests: npt.NDArray[np.uint8]
    presence: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, split: str | None = None, class_id: int | None = None) -> npt.NDArray[np.int64]:
        """Return the ascending positions of the images in a split that show a raw id; empty for an unknown split."""
        first, end = (0, len(self)) if split is None else self._range(split)
        if class_id is None:
            return np.arange(first, end)
        shown = self.presence[first:end, class_id // 8] >> (class_id % 8) & 1
        return first + np.flatnonzero(shown)

    def position(self, split: str, index: int) -> int | None:
        """Return the position of an image; None if the split has no such image."""
        first, end = self._range(split)
        return first + index if 0 <= index < end - first else None

    def entry(self, position: int) -> ImageEntry:
        """Return one image."""
        split, first = self._split_at(position)
        width, height, *files = (int(fact) for fact in self.facts[position])
        shown = np.unpackbits(self.presence[position], bitorder="little")
        return ImageEntry(
            split=split,
            index=position - first,
            id=self.ids[position],
            image_path=self.image_paths[position],
            label_path=self.label_paths[position],
            size=(width, height) if width else None,
            image_file=_facts(files[0], files[1], self.digests[position, 0]),
            label_file=_facts(files[2], files[3], self.digests[position, 1]),
            classes=tuple(np.flatnonzero(shown).tolist()),
        )

    def write(self, path: Path) -> None:
        """Write the index as a compressed .npz without pickles; the same index gives the same bytes."""
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                splits=_joined([name for name, _ in self.splits]),
                counts=np.array([count for _, count in self.splits], np.int64),
                ids=_joined(self.ids),
                image_paths=_joined(self.image_paths),
                label_paths=_joined(self.label_paths),
                facts=self.facts,
                digests=self.digests,
                presence=self.presence,
            )

    @classmethod
    def read(cls, path: Path) -> ImageIndex:
        """Read what `write` wrote; raises OSError, KeyError, ValueError or BadZipFile for anything else."""
        if path.stat().st_size == 0:
            raise ValueError(f"{path}: is empty")  # numpy would raise EOFError, which no other damage does
        with np.load(path, allow_pickle=False) as stored:
            counts = stored["counts"].tolist()
            total = sum(counts)
            return cls(
                splits=tuple(zip(_texts(stored["splits"], len(counts)), counts, strict=True)),
                ids=_texts(stored["ids"], total),
                image_paths=_texts(stored["image_paths"], total),
                label_paths=_texts(stored["label_paths"], total),
                facts=stored["facts"],
                digests=stored["digests"],
                presence=stored["presence"],
            )

    def _range(self, split: str) -> tuple[int, int]:
        first = 0
        for name, count in self.splits:
            if name == split:
                return first, first + count
            first += count
        return 0, 0

    def _split_at(self, position: int) -> tuple[str, int]:
        first = 0
        for name, count in self.splits:
            if position < first + count:
                return name, first
            first += count
        raise IndexError(f"position {position} is not in an index of {len(self)} images")


class IndexBuilder:
    """Collects the rows of an index, split after split."""

    def __init__(self) -> None:
        self._entries: list[ImageEntry] = []
        self._splits: list[tuple[str, int]] = []

    @property
    def entries(self) -> Sequence[ImageEntry]:
        """The images added so far."""
        return self._entries

    def add_split(self, name: str, entries: Sequence[ImageEntry]) -> None:
        """Add the images of a split, in the order of its list."""
        self._splits.append((name, len(entries)))
        self._entries.extend(entries)

    def build(self) -> ImageIndex:
        """Return the index."""
        entries = self._entries
        facts = [[*(entry.size or (0, 0)), *_stored(entry.image_file), *_stored(entry.label_file)] for entry in entries]
        digests = b"".join(_digest(file) for entry in entries for file in (entry.image_file, entry.label_file))
        presence = np.zeros((len(entries), 256), np.uint8)
        for row, entry in enumerate(entries):
            presence[row, list(entry.classes)] = 1
        return ImageIndex(
            splits=tuple(self._splits),
            ids=tuple(entry.id for entry in entries),
            image_paths=tuple(entry.image_path for entry in entries),
            label_paths=tuple(entry.label_path for entry in entries),
            facts=np.array(facts, np.int64).reshape(-1, _FACTS),
            digests=np.frombuffer(digests, np.uint8).reshape(-1, 2, 32),
            presence=np.packbits(presence, axis=1, bitorder="little").reshape(-1, _BYTES_OF_CLASSES),
        )


def shown_ids(counts: PixelCounts) -> tuple[int, ...]:
    """Return the raw ids that occur in a label of these pixel counts."""
    return tuple(np.flatnonzero(counts).tolist())


def _joined(texts: Sequence[str]) -> npt.NDArray[np.uint8]:
    # No path contains NUL. Names on disk that are not valid Unicode have lone surrogates.
    return np.frombuffer("\0".join(texts).encode("utf-8", "surrogateescape"), np.uint8)


def _texts(stored: npt.NDArray[np.uint8], count: int) -> tuple[str, ...]:
    return tuple(stored.tobytes().decode("utf-8", "surrogateescape").split("\0")) if count else ()


def _stored(facts: FileFacts | None) -> tuple[int, int]:
    return (facts.size, facts.mtime_ns) if facts is not None else (0, 0)


def _digest(facts: FileFacts | None) -> bytes:
    return bytes.fromhex(facts.sha256) if facts is not None else bytes(32)


def _facts(size: int, mtime_ns: int, digest: npt.NDArray[np.uint8]) -> FileFacts | None:
    return FileFacts(size, mtime_ns, digest.tobytes().hex()) if digest.any() else None
