"""The stored rows of a checked dataset's images."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.image_index import FileFacts, ImageEntry, ImageIndex, IndexBuilder

FACTS = FileFacts(size=10, mtime_ns=1_700_000_000_000_000_001, sha256="ab" * 32)


def entry(split: str, index: int, classes: tuple[int, ...]) -> ImageEntry:
    name = f"{split}_{index}"
    return ImageEntry(split, index, name, f"images/{name}.png", f"labels/{name}.png", (32, 24), FACTS, FACTS, classes)


@pytest.fixture
def index() -> ImageIndex:
    """Three training images of the classes 0, 3, 255 and two test images."""
    builder = IndexBuilder()
    builder.add_split("train", [entry("train", 0, (0, 3)), entry("train", 1, (0,)), entry("train", 2, (3, 255))])
    builder.add_split("val", [entry("val", 0, (3,)), entry("val", 1, (0, 7))])
    return builder.build()


def test_images_are_found_by_split_and_class(index: ImageIndex) -> None:
    assert index.positions().tolist() == [0, 1, 2, 3, 4]
    assert index.positions("val").tolist() == [3, 4]
    assert index.positions(class_id=3).tolist() == [0, 2, 3]
    assert index.positions("train", 255).tolist() == [2]
    assert index.positions("val", 8).tolist() == []
    assert index.positions("absent").tolist() == []


def test_an_image_has_its_place_in_its_split(index: ImageIndex) -> None:
    assert index.position("val", 1) == 4
    assert index.position("val", 2) is None
    assert index.position("absent", 0) is None
    assert index.entry(4) == entry("val", 1, (0, 7))


def test_what_is_written_is_read_back_and_always_has_the_same_bytes(index: ImageIndex, tmp_path: Path) -> None:
    index.write(tmp_path / "one.npz")
    index.write(tmp_path / "two.npz")

    read = ImageIndex.read(tmp_path / "one.npz")

    assert [read.entry(position) for position in range(5)] == [index.entry(position) for position in range(5)]
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_an_empty_file_is_refused_as_any_other_damage_is(tmp_path: Path) -> None:
    (tmp_path / "index.npz").write_bytes(b"")

    with pytest.raises(ValueError, match="is empty"):
        ImageIndex.read(tmp_path / "index.npz")


def test_what_could_not_be_read_stays_unknown(tmp_path: Path) -> None:
    missing = replace(entry("train", 0, ()), size=None, image_file=None)
    builder = IndexBuilder()
    builder.add_split("train", [missing])
    builder.build().write(tmp_path / "index.npz")

    assert ImageIndex.read(tmp_path / "index.npz").entry(0) == missing


def test_index_of_no_images_can_be_stored(tmp_path: Path) -> None:
    IndexBuilder().build().write(tmp_path / "index.npz")

    assert len(ImageIndex.read(tmp_path / "index.npz")) == 0


def test_name_that_is_no_unicode_survives(tmp_path: Path) -> None:
    odd = replace(entry("train", 0, ()), image_path=os.fsdecode(b"images/caf\xe9.png"))
    builder = IndexBuilder()
    builder.add_split("train", [odd])
    builder.build().write(tmp_path / "index.npz")

    assert ImageIndex.read(tmp_path / "index.npz").entry(0) == odd


def test_place_behind_the_end_is_an_error(index: ImageIndex) -> None:
    with pytest.raises(IndexError, match="5 images"):
        index.entry(5)


def test_facts_of_a_file_that_is_not_there_are_none(tmp_path: Path) -> None:
    assert FileFacts.read(tmp_path / "absent") is None
