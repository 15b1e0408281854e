"""Log lines: what the process printed to `out.log` and logged as events, and what the worker has to say (LIVE-8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from server.db.base import utc_now
from server.db.models import Attempt, LogLine
from worker.upsert import upsert

LINE_CHARACTERS = 4096
READ_BYTES = 256 * 1024
"""Most bytes of `out.log` that one transaction takes."""
LOG_BYTES = 100 * 1024 * 1024
"""Most bytes of `out.log` of one attempt that become log lines (LIVE-8)."""
CUT_NOTICE = "the log is cut here: it is longer than 100 MiB; the rest is in out.log of the attempt's folder"
LOG_KEYS = ("attempt_id", "number")


@dataclass(frozen=True)
class Line:
    """One line for people."""

    level: str
    text: str
    at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True)
class Printed:
    """Lines of `out.log` from one offset to the next."""

    lines: tuple[Line, ...]
    offset: int


def read_printed(path: Path, offset: int, *, to_end: bool, cap: int = LOG_BYTES) -> Printed:
    """Read what was printed since the last time.

    Args:
        path: `out.log`; it may be missing.
        offset: bytes that were read before.
        to_end: take a last line without a newline too: nothing more will be printed.
        cap: bytes behind which nothing is read; the line at which that happens says so.

    Returns:
        Whole lines, of which a progress bar's rewrites keep the last, and the offset behind them.
    """
    if offset >= cap or not path.exists():
        return Printed((), offset)
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(READ_BYTES)
    end = data.rfind(b"\n") + 1
    if end == 0 and len(data) == READ_BYTES:
        end = READ_BYTES
    if to_end and len(data) < READ_BYTES:
        end = len(data)
    lines = [Line("info", _collapsed(raw)) for raw in data[:end].split(b"\n")]
    lines = lines[: len(lines) - 1] if data[:end].endswith(b"\n") or end == 0 else lines
    if offset + end >= cap:
        lines.append(Line("warning", CUT_NOTICE))
    return Printed(tuple(lines), offset + end)


def write_lines(session: Session, attempt: Attempt, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Store lines under the attempt's next numbers; return them as the feed shows them."""
    first = attempt.log_lines + 1
    rows = [
        {
            "attempt_id": attempt.id,
            "number": number,
            "level": line.level,
            # A text column of PostgreSQL cannot hold NUL.
            "text": line.text[:LINE_CHARACTERS].replace("\x00", "\ufffd"),
            "at": line.at,
        }
        for number, line in enumerate(lines, first)
    ]
    upsert(session, LogLine, rows, keys=LOG_KEYS)
    attempt.log_lines += len(rows)
    return [{name: row[name] for name in ("number", "level", "text")} for row in rows]


def last_lines(path: Path, count: int) -> str:
    """Return the end of a log, for the trace of an attempt that gave no reason."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - READ_BYTES))
        lines = file.read().split(b"\n")
    return "\n".join(_collapsed(line) for line in lines[-count - 1 :]).strip()


def _collapsed(raw: bytes) -> str:
    """Return a line as a terminal shows it after a progress bar's rewrites."""
    text = raw.decode("utf-8", "replace").rstrip("\r")
    return text.rpartition("\r")[2]
