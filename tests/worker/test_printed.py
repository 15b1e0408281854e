"""What a stage process printed, as whole lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.logs import LINE_CHARACTERS
from worker.printed import CUT_NOTICE, READ_BYTES, last_lines, read_printed


def texts(path: Path, offset: int = 0, *, to_end: bool = False) -> tuple[list[str], int]:
    printed = read_printed(path, offset, to_end=to_end)
    return [line.text for line in printed.lines], printed.offset


def test_a_line_without_its_end_waits_for_the_next_read(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"one\ntwo\nthr")
    assert texts(path) == (["one", "two"], 8)
    path.write_bytes(b"one\ntwo\nthree\n")
    assert texts(path, 8) == (["three"], 14)


def test_the_last_read_takes_a_line_without_its_end(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"one\ntwo")
    assert texts(path, to_end=True) == (["one", "two"], 7)
    assert texts(path, 7, to_end=True) == ([], 7)


def test_a_missing_log_has_no_lines(tmp_path: Path) -> None:
    assert texts(tmp_path / "out.log", to_end=True) == ([], 0)


def test_of_a_progress_bar_the_last_state_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"10%\r50%\r100%\r\nnext\n\n")
    assert texts(path)[0] == ["100%", "next", ""]


def test_bytes_that_are_no_text_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"a\xffb\n")
    assert texts(path)[0] == ["a\ufffdb"]


def test_a_line_longer_than_one_read_comes_once_with_the_number_of_characters_left_out(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    # Two bytes a character: borders of reads lie within characters.
    path.write_bytes(b"before\n" + ("é" * 1_000_000).encode() + b"\nafter\n")
    assert texts(path)[0] == ["before"]
    printed = read_printed(path, 7, to_end=False)
    assert [(line.text, line.omitted) for line in printed.lines] == [
        ("é" * LINE_CHARACTERS, 1_000_000 - LINE_CHARACTERS)
    ]
    assert texts(path, printed.offset)[0] == ["after"]


def test_a_long_line_without_its_end_waits_and_comes_with_the_last_read(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"x" * (READ_BYTES + 5))
    assert texts(path) == ([], 0)
    printed = read_printed(path, 0, to_end=True)
    assert [(len(line.text), line.omitted) for line in printed.lines] == [
        (LINE_CHARACTERS, READ_BYTES + 5 - LINE_CHARACTERS)
    ]
    assert texts(path, printed.offset, to_end=True) == ([], READ_BYTES + 5)


@pytest.mark.parametrize("form", ["{}%\r", "\r{}%"], ids=["return behind", "return before"])
@pytest.mark.parametrize("shift", range(4))
def test_a_progress_bar_longer_than_one_read_is_one_line(tmp_path: Path, form: str, shift: int) -> None:
    path, offset = tmp_path / "out.log", 0
    bar = "".join(form.format(f"{step:05d}") for step in range(100_000))
    with path.open("w", newline="") as file:
        file.write("-" * shift)
        for start in range(0, len(bar), 100_000):
            file.write(bar[start : start + 100_000])
            file.flush()
            found, offset = texts(path, offset)
            assert found == []
    # What the bar has written over is not read again and again.
    assert len(bar) - offset < READ_BYTES + 100_000
    with path.open("a", newline="") as file:
        file.write("\nnext\n")

    assert texts(path, offset)[0] == ["99999%", "next"]


def test_a_line_that_passes_the_cap_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"x" * 3 * READ_BYTES)
    printed = read_printed(path, 0, to_end=False, cap=2 * READ_BYTES)
    assert [line.text[:1] for line in printed.lines] == ["x", "t"]
    assert printed.lines[0].omitted == 2 * READ_BYTES - LINE_CHARACTERS
    assert read_printed(path, printed.offset, to_end=True, cap=2 * READ_BYTES).lines == ()


def test_behind_the_cap_nothing_is_read_and_a_notice_says_so(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"one\ntwo\n")
    printed = read_printed(path, 0, to_end=False, cap=6)
    assert [line.text for line in printed.lines] == ["one", "two", CUT_NOTICE]
    path.write_bytes(b"one\ntwo\nthree\n")
    assert read_printed(path, printed.offset, to_end=True, cap=6).lines == ()


def test_the_trace_of_a_silent_end_is_the_end_of_the_log(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_text("".join(f"line {number}\n" for number in range(100)))
    assert last_lines(path, 2) == "line 98\nline 99"
    assert last_lines(tmp_path / "missing", 2) == ""
    path.write_text("\x1b[31mred\x1b[0m")
    assert last_lines(path, 2) == "red"
