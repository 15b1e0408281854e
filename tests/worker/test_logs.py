"""Log lines from `out.log` and from events."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from server.db.models import Attempt, LogLine, Run
from server.db.session import Database
from tests.support.rows import make_claim
from worker.logs import CUT_NOTICE, LINE_CHARACTERS, READ_BYTES, Line, last_lines, read_printed, write_lines


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


def test_a_line_longer_than_one_read_is_cut_instead_of_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"x" * (READ_BYTES + 5) + b"\n")
    first, offset = texts(path)
    assert (len(first), len(first[0]), offset) == (1, READ_BYTES, READ_BYTES)
    assert texts(path, offset) == (["xxxxx"], READ_BYTES + 6)


def test_behind_the_cap_nothing_is_read_and_a_notice_says_so(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_bytes(b"one\ntwo\n")
    printed = read_printed(path, 0, to_end=False, cap=6)
    assert [line.text for line in printed.lines] == ["one", "two", CUT_NOTICE]
    path.write_bytes(b"one\ntwo\nthree\n")
    assert read_printed(path, printed.offset, to_end=True, cap=6).lines == ()


def test_lines_are_numbered_on_within_the_attempt(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    for texts_of_batch in (["a", "b"], ["c" * 5000]):
        with database.write() as session:
            attempt = session.get_one(Attempt, claim.lease.attempt_id)
            shown = write_lines(session, attempt, [Line("info", text) for text in texts_of_batch])
    assert [line["number"] for line in shown] == [3]
    with database.read() as session:
        rows = session.scalars(select(LogLine).order_by(LogLine.number)).all()
        assert session.get_one(Attempt, claim.lease.attempt_id).log_lines == 3
    assert [(row.number, row.text) for row in rows] == [(1, "a"), (2, "b"), (3, "c" * LINE_CHARACTERS)]


def test_the_trace_of_a_silent_end_is_the_end_of_the_log(tmp_path: Path) -> None:
    path = tmp_path / "out.log"
    path.write_text("".join(f"line {number}\n" for number in range(100)))
    assert last_lines(path, 2) == "line 98\nline 99"
    assert last_lines(tmp_path / "missing", 2) == ""
