"""The images of a registered dataset: pages of its index, and image files checked against the index."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data.image_index import FileFacts, ImageEntry, ImageIndex
from core.data.specs import FolderDatasetSpec
from server.db.models import Dataset
from server.errors import ContentMissingError, DataError, InvalidRequestError, NotFoundError
from server.schemas.datasets import DatasetImage, DatasetImagePage
from server.services.datasets import datasets
from server.services.datasets.roots import path_fault
from server.services.paging import decode_cursor, encode_cursor
from server.storage.base import MissingFile, Storage

INDEXES_IN_MEMORY = 8
WAY_OUT = "put it back, or scan the dataset again"


@dataclass(frozen=True)
class Places:
    """Folders that datasets may be in.

    Attributes:
        data_roots: allowed roots of folders.
        data_home: parent folder of the drawn worlds.
    """

    data_roots: Sequence[Path]
    data_home: Path


@dataclass(frozen=True)
class SourceFile:
    """A dataset file that is unchanged since the scan: its path is allowed, and its bytes have this digest."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Choice:
    """Filter of images: by split and by a raw class id that they show; None for all."""

    split: str | None = None
    class_id: int | None = None


def list_page(
    dataset: Dataset, storage: Storage, choice: Choice, *, cursor: str | None, limit: int
) -> DatasetImagePage:
    """Return one page of a dataset's images; an empty page before its first scan.

    Raises:
        InvalidRequestError: for a split that the dataset does not have.
        ContentMissingError: when the index is not in storage.
    """
    after = decode_cursor("dataset-images", cursor, (int,))
    if dataset.index_sha256 is None:
        return DatasetImagePage(items=[], next_cursor=None, total=0)
    index = _read_index(storage, dataset.index_sha256)
    names = [name for name, _ in index.splits]
    if choice.split is not None and choice.split not in names:
        message = f"there is no split {choice.split!r}; splits are {', '.join(names)}"
        raise InvalidRequestError.of_query("split", message)
    found = index.positions(choice.split, choice.class_id)
    first = 0 if after is None else int(np.searchsorted(found, int(after[0]), side="right"))
    page = found[first : first + limit].tolist()
    return DatasetImagePage(
        items=[_image(dataset.id, index.entry(position)) for position in page],
        next_cursor=encode_cursor("dataset-images", (page[-1],)) if first + limit < len(found) else None,
        total=len(found),
    )


def require_folder(dataset: Dataset, places: Places) -> FolderDatasetSpec:
    """Return the folder of a dataset; raises DataError when it is missing, or not allowed any more."""
    folder = datasets.folder_of(dataset, places.data_home)
    root = Path(folder.root)
    if "world" in dataset.spec:
        if not root.is_dir():
            raise DataError(
                f"the world of {dataset.name!r} is not on disk; scan the dataset again and it is drawn anew"
            )
        return folder
    fault = path_fault(str(root), "/root", places.data_roots)
    if fault is not None:
        raise DataError(f"the root of {dataset.name!r} cannot be read: {fault.message}; then scan the dataset again")
    return folder


def find_entry(dataset: Dataset, storage: Storage, split: str, index: int) -> ImageEntry:
    """Return one image of the last scan; raises NotFoundError."""
    images = _read_index(storage, dataset.index_sha256) if dataset.index_sha256 is not None else None
    position = images.position(split, index) if images is not None else None
    if images is None or position is None:
        raise NotFoundError("image", f"{index} of split {split}")
    return images.entry(position)


def source_file(root: Path, path: str, recorded: FileFacts | None, places: Places) -> SourceFile:
    """Return a file of the index, after checking that it is the scanned file (DS-2).

    A file with the recorded size and time is trusted. A file with another time is read and its digest compared.

    Raises:
        DataError: when the file is missing, has changed, or is a link that leads out of the allowed roots.
    """
    full = root / path
    resolved = Path(os.path.realpath(full))
    allowed = [root, *places.data_roots]
    if not any(resolved.is_relative_to(os.path.realpath(folder)) for folder in allowed):
        raise DataError(f"{full} is a link that leads out of the allowed dataset roots; {WAY_OUT}")
    if recorded is None or not resolved.is_file():
        raise DataError(f"{full} does not exist; {WAY_OUT}")
    status = resolved.stat()
    if (status.st_size, status.st_mtime_ns) != (recorded.size, recorded.mtime_ns):
        found = FileFacts.read(resolved)
        if found is None or found.sha256 != recorded.sha256:
            raise DataError(f"{full} has changed since the dataset was scanned; {WAY_OUT}")
    return SourceFile(resolved, recorded.sha256)


def _image(dataset_id: str, entry: ImageEntry) -> DatasetImage:
    address = f"/api/v1/datasets/{dataset_id}/images/{entry.split}/{entry.index}"
    width, height = entry.size or (None, None)
    return DatasetImage(
        split=entry.split,
        index=entry.index,
        id=entry.id,
        width=width,
        height=height,
        classes=list(entry.classes),
        picture=f"{address}/picture",
        labels=f"{address}/labels",
    )


def _read_index(storage: Storage, sha256: str) -> ImageIndex:
    try:
        return _cached_index(storage.path(sha256))
    except (MissingFile, OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ContentMissingError("the list of the dataset's images is not in storage; scan it again") from error


@lru_cache(maxsize=INDEXES_IN_MEMORY)
def _cached_index(path: Path) -> ImageIndex:
    # The path contains the digest of the bytes, so the cached content stays valid.
    return ImageIndex.read(path)
