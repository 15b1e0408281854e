"""Names in lists against names on disk."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import NamedFiles, as_stored, composed

WORD = "Zürich"
APART = unicodedata.normalize("NFD", WORD)


def named_files(root: Path, *names: str) -> NamedFiles:
    for name in names:
        path = root / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return NamedFiles(root / "images", (".jpg", ".png"))


@pytest.mark.parametrize(("on_disk", "asked"), [(APART, WORD), (WORD, APART), (WORD, WORD)])
def test_a_name_is_found_in_either_form_and_has_one_id(tmp_path: Path, on_disk: str, asked: str) -> None:
    files = named_files(tmp_path, f"{on_disk}.jpg")

    assert files.id_of(asked) == composed(asked) == WORD
    assert files.path(WORD, Path()) == tmp_path / f"images/{on_disk}.jpg"
    assert as_stored(tmp_path / f"images/{asked}.jpg", tmp_path) == tmp_path / f"images/{on_disk}.jpg"


def test_folders_are_found_in_either_form_too(tmp_path: Path) -> None:
    (tmp_path / APART).mkdir()
    (tmp_path / APART / "a.png").write_bytes(b"")

    assert as_stored(tmp_path / WORD / "a.png", tmp_path) == tmp_path / APART / "a.png"
    assert as_stored(tmp_path / WORD / "b.png", tmp_path) == tmp_path / WORD / "b.png"


@pytest.mark.parametrize(
    "line", ["city/a", "city/a.png", "./city/a", "/images/city/a.png", "images/city/a.png", "city\\a"]
)
def test_a_line_is_understood_as_other_tools_write_it(tmp_path: Path, line: str) -> None:
    assert named_files(tmp_path, "city/a.png").id_of(line) == "city/a"


def test_a_name_that_looks_like_a_suffix_wins_over_the_suffix(tmp_path: Path) -> None:
    files = named_files(tmp_path, "a.png.jpg", "a.jpg")

    assert [files.id_of("a.png"), files.id_of("a.jpg")] == ["a.png", "a"]


def test_a_line_that_names_nothing_stays_as_it_is(tmp_path: Path) -> None:
    assert named_files(tmp_path, "a.png").id_of("b.png") == "b.png"


def test_two_files_of_one_id_are_both_named(tmp_path: Path) -> None:
    files = named_files(tmp_path, "a.jpg", "a.png")

    with pytest.raises(DataFaultError, match=r"images/a\.jpg: and a\.png beside it have one id, 'a'; rename") as fault:
        files.path("a", Path())

    assert fault.value.kind is FaultKind.SAME_ID
