from __future__ import annotations

from pathlib import Path

import pytest

from core.data.faults import DataFaultError, FaultKind
from core.data.split_lists import built_in_lists, inside, read_named_list, read_split_list


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


def test_split_list_leaves_blank_lines_out(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a\n\n  b \n")

    assert read_split_list(tmp_path / "train.txt", tmp_path) == ["a", "b"]


def test_missing_split_names_the_splits_there_are(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("a\n")

    with pytest.raises(DataFaultError, match=r"trian\.txt: the split does not exist; splits there: train"):
        read_split_list(tmp_path / "trian.txt", tmp_path)


def test_empty_split_is_a_fault_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("\n")

    with pytest.raises(DataFaultError, match="lists no image") as fault:
        read_split_list(tmp_path / "train.txt", tmp_path)

    assert fault.value.kind is FaultKind.EMPTY


@pytest.mark.parametrize("name", ["../secret", "a/../../b", "/"])
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataFaultError, match="leads out of"):
        inside(tmp_path, name, tmp_path / "train.txt")


def test_leading_slash_is_relative_to_the_folder(tmp_path: Path) -> None:
    assert inside(tmp_path, "/JPEGImages/a.jpg", tmp_path / "l.txt") == tmp_path / "JPEGImages" / "a.jpg"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_list_is_read_in_every_form_that_editors_write(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "train.txt").write_bytes("Zürich\r\nb\r\n".encode(encoding))

    assert read_split_list(tmp_path / "train.txt", tmp_path) == ["Zürich", "b"]


def test_a_list_that_is_no_text_says_how_to_save_it(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_bytes("Zürich".encode("latin-1"))

    with pytest.raises(DataFaultError, match=r"train\.txt: cannot be read as a list of names .* save it as UTF-8 text"):
        read_split_list(tmp_path / "train.txt", tmp_path)


def test_a_list_that_leads_out_of_the_root_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the password\n")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/train.txt").symlink_to(tmp_path / "secret")

    with pytest.raises(DataFaultError, match=r"train\.txt: leads out of the dataset's root") as fault:
        read_split_list(tmp_path / "root/train.txt", tmp_path / "root")

    assert "password" not in str(fault.value)
