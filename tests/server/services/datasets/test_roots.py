from __future__ import annotations

from pathlib import Path

import pytest

from server.services.datasets.roots import list_roots, path_fault
from tests.support.datasets import write_folder_dataset


def test_path_in_a_root_has_no_fault(tmp_path: Path) -> None:
    (tmp_path / "six").mkdir()

    assert path_fault(str(tmp_path / "six"), "/dataset/root", [tmp_path]) is None
    assert path_fault(str(tmp_path), "/dataset/root", [tmp_path]) is None


def test_root_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real" / "six").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert path_fault(str(tmp_path / "link" / "six"), "/dataset/root", [tmp_path / "link"]) is None
    assert path_fault(str(tmp_path / "real" / "six"), "/dataset/root", [tmp_path / "link"]) is None


def test_sibling_whose_name_begins_like_a_root_is_outside(tmp_path: Path) -> None:
    (tmp_path / "data-private").mkdir()
    (tmp_path / "data").mkdir()

    fault = path_fault(str(tmp_path / "data-private"), "/dataset/root", [tmp_path / "data"])

    assert fault is not None
    assert fault.code == "path_outside_roots"


@pytest.mark.parametrize("path", ["relative", "", "/with\0nul", "\\\\host\\share"])
def test_path_that_is_not_absolute_is_a_fault(tmp_path: Path, path: str) -> None:
    fault = path_fault(path, "/dataset/root", [tmp_path])

    assert fault is not None
    assert (fault.code, fault.pointer) == ("path_not_absolute", "/dataset/root")
    assert str(tmp_path) in fault.message


def test_outside_the_roots_nothing_is_said_about_what_exists(tmp_path: Path) -> None:
    there = path_fault("/etc", "/dataset/root", [tmp_path])
    nowhere = path_fault("/etc-not-there", "/dataset/root", [tmp_path])

    assert there is not None
    assert nowhere is not None
    assert there.message.replace("'/etc'", "X") == nowhere.message.replace("'/etc-not-there'", "X")


def test_several_roots_are_listed_in_their_order(tmp_path: Path) -> None:
    write_folder_dataset(tmp_path / "b" / "six", ((1,),), ((1,),))

    roots = list_roots([tmp_path / "b", tmp_path / "a"])

    assert [(root.exists, len(root.folders)) for root in roots] == [(True, 1), (False, 0)]
