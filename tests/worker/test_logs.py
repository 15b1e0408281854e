"""Log lines as rows."""

from __future__ import annotations

from sqlalchemy import select

from server.db.models import Attempt, LogLine, Run
from server.db.session import Database
from tests.support.rows import make_claim
from worker.logs import LINE_CHARACTERS, Line, write_lines


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
    assert [(row.number, row.text) for row in rows] == [
        (1, "a"),
        (2, "b"),
        (3, "c" * LINE_CHARACTERS + "… cut, 904 characters"),
    ]


def test_terminal_codes_and_characters_that_nobody_sees_are_stripped(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    link = "\x1b]8;;https://example.org/\x1b\\a link\x1b]8;;\x1b\\"
    with database.write() as session:
        attempt = session.get_one(Attempt, claim.lease.attempt_id)
        lines = [Line("info", f"\x1b[1;31mred\x1b[0m {link}\x07"), Line("info", "NUL \x00", omitted=7)]
        shown = write_lines(session, attempt, lines)
    assert [line["text"] for line in shown] == ["red a link", "NUL \ufffd… cut, 7 characters"]
