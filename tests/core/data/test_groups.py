"""Which images share a labelling budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.adapters.folder import list_pairs
from core.data.faults import DataFaultError
from core.data.groups import groups_of
from core.data.specs import FolderDatasetSpec


def folder_at(root: Path, adapter: str = "folder") -> FolderDatasetSpec:
    return FolderDatasetSpec.model_validate({"adapter": adapter, "root": str(root)})


def test_sub_folders_of_images_are_groups(tmp_path: Path) -> None:
    assert groups_of(folder_at(tmp_path), ["city/0001", "city/north/0002", "dusk/0001"]) == ["city", "city", "dusk"]


def test_images_beside_one_another_are_one_group(tmp_path: Path) -> None:
    assert groups_of(folder_at(tmp_path), ["0001TP_1", "0006R0_2"]) == ["", ""]


def test_a_file_of_groups_says_what_names_do_not(tmp_path: Path) -> None:
    (tmp_path / "groups.txt").write_text("0001TP_1 dusk\n0006R0 f2\tday\nunused night\n", encoding="utf-8")

    assert groups_of(folder_at(tmp_path), ["0006R0 f2", "0001TP_1"]) == ["day", "dusk"]


def test_a_file_of_groups_counts_before_the_layout(tmp_path: Path) -> None:
    (tmp_path / "groups.txt").write_text("aachen_1 west\nzurich_2 west\n", encoding="utf-8")

    assert groups_of(folder_at(tmp_path, "cityscapes"), ["aachen_1", "zurich_2"]) == ["west", "west"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a day\nb dusk\n", r"groups\.txt: gives no group to 1 of 3 images, such as c; list every image"),
        ("a day\nb\nc dusk\n", r"groups\.txt: the line 'b' has no group; write one image a line"),
        ("a day\na dusk\n", r"groups\.txt: names 'a' twice"),
        ("", r"groups\.txt: lists no image"),
    ],
)
def test_groups_that_cannot_be_used_are_refused_with_the_way_out(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "groups.txt").write_text(text, encoding="utf-8")

    with pytest.raises(DataFaultError, match=problem):
        groups_of(folder_at(tmp_path), ["a", "b", "c"])


def test_a_file_of_groups_is_no_split(tmp_path: Path) -> None:
    (tmp_path / "groups.txt").write_text("a day\n", encoding="utf-8")
    (tmp_path / "val.txt").write_text("a\n", encoding="utf-8")

    with pytest.raises(DataFaultError, match=r"the split does not exist; splits there: val$"):
        list_pairs(tmp_path, "train")
