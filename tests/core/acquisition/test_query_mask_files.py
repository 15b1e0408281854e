from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.acquisition import query_mask_files
from core.acquisition.query_mask_files import read_query_masks, write_query_masks
from core.acquisition.query_masks import QueryMasks, select_regions
from core.errors import StorageError


def some_masks() -> QueryMasks:
    masks, _ = select_regions(np.arange(12.0).reshape(3, 4), QueryMasks.blank(3, 4), 1, 1)
    return masks.answered(np.full((3, 4), 7))


def test_masks_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    masks, path = some_masks(), tmp_path / "aachen_000000_000019.npz"

    write_query_masks(path, masks)
    read = read_query_masks(path, (3, 4))

    assert (read.labels.dtype, read.blocked.dtype, read.selected.dtype) == (np.uint8, np.bool_, np.bool_)
    np.testing.assert_array_equal(read.labels, masks.labels)
    np.testing.assert_array_equal(read.blocked, masks.blocked)
    np.testing.assert_array_equal(read.selected, masks.selected)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_masks_of_another_image_size_are_refused(tmp_path: Path) -> None:
    write_query_masks(tmp_path / "a.npz", some_masks())

    with pytest.raises(StorageError, match=r"the image has \(4, 4\)"):
        read_query_masks(tmp_path / "a.npz", (4, 4))


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    write_query_masks(tmp_path / "a.npz", some_masks())
    (tmp_path / "b.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:60])

    for name in ("b.npz", "c.npz"):
        with pytest.raises(StorageError, match=name):
            read_query_masks(tmp_path / name, (3, 4))


def test_a_file_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_query_masks(tmp_path / "a.npz", some_masks())
    monkeypatch.setattr(query_mask_files, "VERSION", 2)

    with pytest.raises(StorageError, match="version 1 of the format, expected 2"):
        read_query_masks(tmp_path / "a.npz", (3, 4))
