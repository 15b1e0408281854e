"""`QueryMasks` on disk: one compressed, versioned array file per image. Free of torch."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from core.acquisition.query_masks import QueryMasks
from core.errors import StorageError
from core.files import replacing

VERSION = 1
WAY_OUT = "copy the file anew from the round that wrote it, or run that round again"


def write_query_masks(path: Path, masks: QueryMasks) -> None:
    """Write an image's state atomically: a reader finds the old or the new file, never half of one.

    Args:
        path: file name, ending in `.npz`.
        masks: the state; stored without loss.
    """
    with replacing(path) as file:
        np.savez_compressed(
            file,
            version=np.array(VERSION),
            labels=masks.labels,
            blocked=masks.blocked,
            selected=masks.selected,
        )


def read_query_masks(path: Path, size: tuple[int, int]) -> QueryMasks:
    """Read an image's state.

    Args:
        path: as written by `write_query_masks`.
        size: height and width of the image; the state must match.

    Raises:
        StorageError: if the file is missing or damaged, of another version, or of another image size.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            version = int(arrays["version"])
            masks = QueryMasks(arrays["labels"], arrays["blocked"], arrays["selected"])
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise StorageError(f"{path}: no masks can be read from it: {error}; {WAY_OUT}") from error
    if version != VERSION:
        raise StorageError(f"{path}: written in version {version} of the format, expected {VERSION}; {WAY_OUT}")
    shapes = {masks.labels.shape, masks.blocked.shape, masks.selected.shape}
    if shapes != {size}:
        raise StorageError(f"{path}: masks of shape {sorted(shapes)}, the image has {size}; {WAY_OUT}")
    return masks
