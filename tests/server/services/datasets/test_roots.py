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


@pytest.mark.parametrize("inside", ["", "/train", "/no-such-folder"])
def test_a_link_that_leads_out_is_named_with_its_target(tmp_path: Path, inside: str) -> None:
    (tmp_path / "elsewhere" / "voc" / "train").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "voc").symlink_to("../elsewhere/voc")
    path = f"{tmp_path}/data/voc{inside}"

    fault = path_fault(path, "/dataset/root", [tmp_path / "data"])

    assert fault is not None
    assert fault.code == "path_outside_roots"
    assert fault.message == (
        f"{path!r} lies outside the allowed dataset roots, because {tmp_path}/data/voc is a link to "
        f"{tmp_path}/elsewhere/voc; move it below one of them, or add its folder to PALIMPSEST_DATA_ROOTS "
        f"(now {tmp_path}/data)"
    )


def test_the_link_that_leaves_the_roots_is_named_and_not_the_one_that_leads_to_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sets").symlink_to("/etc")
    (tmp_path / "data" / "voc").symlink_to("sets")

    fault = path_fault(f"{tmp_path}/data/voc/train", "/dataset/root", [tmp_path / "data"])

    assert fault is not None
    assert f"because {tmp_path}/data/sets is a link to /etc;" in fault.message


def test_links_outside_the_roots_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "secret").symlink_to("/etc")
    (tmp_path / "data" / "out").symlink_to(tmp_path)

    direct = path_fault(f"{tmp_path}/secret", "/dataset/root", [tmp_path / "data"])
    through = path_fault(f"{tmp_path}/data/out/secret", "/dataset/root", [tmp_path / "data"])

    assert direct is not None
    assert through is not None
    assert "/etc" not in direct.message + through.message


def test_several_roots_are_listed_in_their_order(tmp_path: Path) -> None:
    write_folder_dataset(tmp_path / "b" / "six", ((1,),), ((1,),))

    roots = list_roots([tmp_path / "b", tmp_path / "a"])

    assert [(root.exists, len(root.folders)) for root in roots] == [(True, 1), (False, 0)]


@pytest.mark.parametrize(("path", "example"), [("data/gtav", "gtav"), ("..", "NAME"), ("gt\0av", "NAME")])
def test_for_a_relative_path_of_a_preset_the_whole_one_is_proposed(tmp_path: Path, path: str, example: str) -> None:
    fault = path_fault(path, "/dataset/root", [tmp_path])

    assert fault is not None
    assert fault.message.endswith(f"such as '{tmp_path / example}'")
