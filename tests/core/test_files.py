"""Files that survive a crash."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.files import file_sha256, index_png, replacing, write_atomically


def test_written_file_takes_the_place_of_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(b"old")

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["record.json"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_error_while_writing_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(b"old")

    with pytest.raises(RuntimeError), replacing(path) as file:
        file.write(b"half")
        raise RuntimeError

    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["record.json"]


def test_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000)

    assert file_sha256(path) == hashlib.sha256(b"x" * 3_000_000).hexdigest()


def test_index_png_gives_the_same_labels_back_and_the_same_bytes_twice() -> None:
    labels = np.arange(256, dtype=np.uint8).reshape(8, 32)[:, ::2]

    data = index_png(labels)

    with Image.open(io.BytesIO(data)) as picture:
        assert picture.mode == "L"
        np.testing.assert_array_equal(np.asarray(picture), labels)
    assert index_png(labels.copy()) == data
