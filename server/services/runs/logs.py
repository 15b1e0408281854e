"""Log lines of an attempt: read in parts, searched, or as one text (LIVE-8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.db.models import LogLine
from server.db.session import Database
from server.errors import InvalidRequestError
from server.schemas.logs import LogEntry, LogPage, LogWindow
from server.services.runs import stages

TAIL = 200
LEVELS = ("debug", "info", "warning", "error")
LINES_AT_ONCE = 5000

Lines = Select[LogLine]


def page(session: Session, stage_id: str, window: LogWindow) -> LogPage:
    """Return lines of an attempt, in order; raises NotFoundError, and InvalidRequestError for two windows at once."""
    _require_one_window(window)
    attempt = stages.find_attempt(session, stage_id, window.attempt)
    if attempt is None:
        return LogPage(stage_id=stage_id, attempt=None, items=[], next_after=0, total=0, matching=0)
    of_attempt = select(LogLine).where(LogLine.attempt_id == attempt.id)
    matching = _matching(of_attempt, window)
    found = _in_window(session, matching, window)
    total = _count(session, of_attempt)
    return LogPage(
        stage_id=stage_id,
        attempt=attempt.number,
        items=[LogEntry.model_validate(line) for line in found],
        next_after=found[-1].number if found else (window.after or 0),
        total=total,
        matching=total if matching is of_attempt else _count(session, matching),
    )


@dataclass(frozen=True)
class WholeLog:
    """The log of one attempt. If the stage was never attempted, `attempt_id` is None and the log is empty."""

    attempt_id: str | None
    file_name: str


def whole(session: Session, stage_id: str, number: int | None) -> WholeLog:
    """Return the log of an attempt, by default the latest; raises NotFoundError."""
    attempt = stages.find_attempt(session, stage_id, number)
    if attempt is None:
        return WholeLog(None, "no-attempt.log")
    return WholeLog(attempt.id, f"{attempt.stage.index}-{attempt.stage.name}-attempt-{attempt.number}.log")


def text_of(database: Database, log: WholeLog) -> Iterator[str]:
    """Yield a whole log as text. Each part is read in its own session, because sending may outlast a session."""
    lines, after = select(LogLine).where(LogLine.attempt_id == log.attempt_id), 0
    while True:
        with database.read() as session:
            found = _following(session, lines, after, LINES_AT_ONCE)
        if not found:
            return
        yield "".join(map(_text_line, found))
        after = found[-1].number


def _text_line(line: LogLine) -> str:
    return f"{line.text}\n" if line.level == "info" else f"{line.level}: {line.text}\n"


def _require_one_window(window: LogWindow) -> None:
    given = [name for name in ("tail", "after", "before") if getattr(window, name) is not None]
    if len(given) > 1:
        raise InvalidRequestError.of_query(given[-1], "give one of `tail`, `after` and `before`")


def _matching(lines: Lines, window: LogWindow) -> Lines:
    if window.contains:
        lines = lines.where(LogLine.text.icontains(window.contains, autoescape=True))
    if window.level != LEVELS[0]:
        lines = lines.where(LogLine.level.in_(LEVELS[LEVELS.index(window.level) :]))
    return lines


def _in_window(session: Session, lines: Lines, window: LogWindow) -> Sequence[LogLine]:
    if window.after is not None:
        return _following(session, lines, window.after, window.limit)
    if window.before is not None:
        lines = lines.where(LogLine.number < window.before)
    limit = window.limit if window.before is not None else window.tail or TAIL
    newest_first = session.scalars(lines.order_by(LogLine.number.desc()).limit(limit)).all()
    return newest_first[::-1]


def _following(session: Session, lines: Lines, after: int, limit: int) -> Sequence[LogLine]:
    return session.scalars(lines.where(LogLine.number > after).order_by(LogLine.number).limit(limit)).all()


def _count(session: Session, lines: Lines) -> int:
    return session.scalar(lines.with_only_columns(func.count())) or 0
