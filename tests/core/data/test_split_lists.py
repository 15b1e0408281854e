from __future__ import annotations

from pathlib import Path

import pytest

from core.data.faults import DataFaultError, FaultKind
from core.data.split_lists import built_in_lists, read_named_list


def write_list(root: Path, name: str, text: str) -> Path:
    path = root / "lists" / f"{name}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_list_of_the_root_is_read_without_blank_lines(tmp_path: Path) -> None:
    path = write_list(tmp_path, "mine", "one\n\n  two \n")

    assert read_named_list("gta5", tmp_path, "mine") == (["one", "two"], path)


def test_a_built_in_list_is_found_without_a_file_of_the_root(tmp_path: Path) -> None:
    names, listed_in = read_named_list("cityscapes", tmp_path, "gtav-65")

    assert len(names) == 65
    assert listed_in.is_file()


def test_the_root_s_own_list_comes_before_the_built_in_one(tmp_path: Path) -> None:
    path = write_list(tmp_path, "gtav-30", "mine\n")

    assert read_named_list("cityscapes", tmp_path, "gtav-30") == (["mine"], path)


def test_a_list_that_is_nowhere_names_those_that_are_there(tmp_path: Path) -> None:
    write_list(tmp_path, "mine", "one\n")

    with pytest.raises(DataFaultError, match=r"splits there: mine.*built in: stal-2000") as caught:
        read_named_list("gta5", tmp_path, "your")

    assert caught.value.kind is FaultKind.BAD_LIST


def test_an_empty_list_is_a_fault(tmp_path: Path) -> None:
    write_list(tmp_path, "mine", "\n")

    with pytest.raises(DataFaultError) as caught:
        read_named_list("gta5", tmp_path, "mine")

    assert caught.value.kind is FaultKind.EMPTY


def test_built_in_lists_are_named_by_adapter() -> None:
    targets = ["gtav-150", "gtav-30", "gtav-65", "synthia-150", "synthia-30", "synthia-65"]

    assert built_in_lists("cityscapes") == targets
    assert built_in_lists("gta5") == built_in_lists("synthia") == ["stal-2000"]
    assert built_in_lists("voc") == []
