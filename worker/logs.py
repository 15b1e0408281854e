"""Store log lines: printed lines, log events, and the worker's messages (LIVE-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.db.base import utc_now
from server.db.models import Attempt, LogLine
from worker.plain_text import plain
from worker.upsert import upsert

LINE_CHARACTERS = 4096
"""Maximum number of characters kept of one line."""
LOG_KEYS = ("attempt_id", "number")


@dataclass(frozen=True)
class Line:
    """One line for people; `omitted` characters at its end are not in `text`."""

    level: str
    text: str
    at: datetime = field(default_factory=utc_now)
    omitted: int = 0


def write_lines(session: Session, attempt: Attempt, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Store lines under the attempt's next numbers; return their messages for the feed."""
    first = attempt.log_lines + 1
    rows = [
        {
            "attempt_id": attempt.id,
            "number": number,
            "level": line.level,
            "text": _shown(line),
            "at": line.at,
        }
        for number, line in enumerate(lines, first)
    ]
    upsert(session, LogLine, rows, keys=LOG_KEYS)
    attempt.log_lines += len(rows)
    return [{name: row[name] for name in ("number", "level", "text")} for row in rows]


def _shown(line: Line) -> str:
    """Return a line's text for people; a very long line is cut, with a mark."""
    text = plain(line.text)
    omitted = max(0, len(text) - LINE_CHARACTERS) + line.omitted
    return f"{text[:LINE_CHARACTERS]}… cut, {omitted} characters" if omitted else text
