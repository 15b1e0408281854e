"""The class table beside a dataset."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.data.class_file import read_class_file, write_class_file
from core.data.classes import ClassTable
from core.data.faults import DataFaultError


def write(root: Path, content: object) -> None:
    (root / "classes.json").write_text(json.dumps(content))


def test_without_background_every_name_is_a_class_from_id_0(tmp_path: Path) -> None:
    write(tmp_path, {"classes": ["sky", "road"], "ignore_id": 11})

    assert read_class_file(tmp_path) == ClassTable({0: "sky", 1: "road"}, ignore_id=11, background_id=None)


def test_background_is_named_at_its_place_and_is_no_class(tmp_path: Path) -> None:
    write(tmp_path, {"classes": ["nothing", "cell", "wall"], "background_id": 0})

    assert read_class_file(tmp_path) == ClassTable({1: "cell", 2: "wall"}, ignore_id=255, background_id=0)


def test_written_table_is_read_back(tmp_path: Path) -> None:
    table = ClassTable({1: "ball", 2: "crate"})

    write_class_file(tmp_path, table)

    assert read_class_file(tmp_path) == table


def test_missing_file_shows_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(DataFaultError, match=r'classes\.json: does not exist; .*"classes": \["sky", "road"\]'):
        read_class_file(tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"classes": []}, "classes: must have at least 1 entry"),
        ({"classes": ["a"], "ignore_id": 300}, "ignore_id: must be at most 255"),
        ({"classes": ["a"], "ignored": 3}, "ignored: Extra inputs are not permitted"),
        ({"names": ["a"]}, "classes: required, but missing"),
    ],
)
def test_faulty_content_is_named_with_its_key(tmp_path: Path, content: object, complaint: str) -> None:
    write(tmp_path, content)

    with pytest.raises(DataFaultError, match=complaint):
        read_class_file(tmp_path)


def test_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_text("sky, road")

    with pytest.raises(DataFaultError, match="Invalid JSON"):
        read_class_file(tmp_path)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["a", "a"], "ids 0 and 1 have one name, 'a' and 'a'; give each class its own name"),
        (["road", "car", "Road "], "ids 0 and 2 have one name, 'road' and 'Road '"),
        (["ﬁeld", "field"], "ids 0 and 1 have one name"),
        (["a", " "], "the name of id 1, ' ', is empty"),
        (["a\0b"], r"the name of id 0, 'a\\x00b', is empty or holds a control character"),
    ],
)
def test_names_that_nobody_could_tell_apart_are_refused(tmp_path: Path, names: list[str], complaint: str) -> None:
    write(tmp_path, {"classes": names})

    with pytest.raises(DataFaultError, match=complaint):
        read_class_file(tmp_path)


def test_any_number_of_ids_may_be_unused_and_the_background_may_be_called_like_a_class(tmp_path: Path) -> None:
    write(tmp_path, {"classes": ["a", "unused", "unused", "a"], "background_id": 0})

    assert read_class_file(tmp_path).names == {1: "unused", 2: "unused", 3: "a"}


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_bytes(b"\xef\xbb\xbf" + b'{"classes": ["sky"]}')

    assert read_class_file(tmp_path).names == {0: "sky"}
