"""Read a stage process's output from `out.log` as whole lines (LIVE-8)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from worker.logs import LINE_CHARACTERS, Line
from worker.plain_text import plain

READ_BYTES = 256 * 1024
"""Maximum bytes of `out.log` per transaction, unless one line is longer."""
LOG_BYTES = 100 * 1024 * 1024
"""Maximum bytes of one attempt's `out.log` that become log lines."""
CUT_NOTICE = "the log is cut here: it is longer than 100 MiB"
CONTINUATION_BYTES = bytes(range(0x80, 0xC0))
"""UTF-8 continuation bytes, which do not begin a character."""


@dataclass(frozen=True)
class Printed:
    """Lines of `out.log` from one offset to the next."""

    lines: tuple[Line, ...]
    offset: int


def read_printed(path: Path, offset: int, *, to_end: bool, cap: int = LOG_BYTES) -> Printed:
    """Read the output since the last call.

    Args:
        path: `out.log`; it may be missing.
        offset: number of bytes read before.
        to_end: also take a last line without a newline, because nothing more will be printed.
        cap: number of bytes after which nothing is read; a line says so there.

    Returns:
        Whole lines and the offset after them; of a progress bar's rewrites only the last is kept.
    """
    if offset >= cap or not path.exists():
        return Printed((), offset)
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(READ_BYTES)
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) == READ_BYTES:
            return _read_long_line(file, offset, to_end=to_end, cap=cap)
    if to_end and len(data) < READ_BYTES:
        end = len(data)
    lines = [Line("info", _collapsed(raw)) for raw in data[:end].split(b"\n")]
    lines = lines[: len(lines) - 1] if data[:end].endswith(b"\n") or end == 0 else lines
    return _marked(lines, offset + end, cap)


def last_lines(path: Path, count: int) -> str:
    """Return the last lines of a log, as the trace of an attempt that gave no reason."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - READ_BYTES))
        lines = file.read().split(b"\n")
    return "\n".join(plain(_collapsed(line)) for line in lines[-count - 1 :]).strip()


@dataclass
class _LongLine:
    """State of a long line that is read in pieces.

    Attributes:
        begin: start offset of the line's last rewrite that is not empty.
        end: end offset of that rewrite.
        offset: number of bytes read from the file.
    """

    begin: int
    end: int
    offset: int
    _is_rewritten: bool = False

    def add(self, piece: bytes) -> None:
        """Process the next bytes, which contain no newline."""
        content = piece.rstrip(b"\r")
        if content:
            if self._is_rewritten:
                self.begin = self.offset + len(piece) - len(piece.lstrip(b"\r"))
            if (rewrite := content.rfind(b"\r")) >= 0:
                self.begin = self.offset + rewrite + 1
            self.end = self.offset + len(content)
        self._is_rewritten = len(content) < len(piece) or (self._is_rewritten and not content)
        self.offset += len(piece)


def _read_long_line(file: BinaryIO, offset: int, *, to_end: bool, cap: int) -> Printed:
    """Read a line that is longer than one read, without holding it in memory.

    While the line has no end, skip text that a progress bar has overwritten, and leave the rest for later.
    """
    line = _LongLine(offset, offset, offset)
    file.seek(offset)
    while line.offset < cap and (piece := file.read(READ_BYTES)):
        head, newline, _ = piece.partition(b"\n")
        line.add(head)
        if newline:
            return _marked([_line_at(file, line)], line.offset + 1, cap)
    if to_end or line.offset >= cap:
        return _marked([_line_at(file, line)], line.offset, cap)
    return Printed((), line.begin)


def _line_at(file: BinaryIO, line: _LongLine) -> Line:
    """Return the beginning of a long line, and the number of omitted characters."""
    file.seek(line.begin)
    # No character has more than four bytes.
    text = file.read(min(4 * LINE_CHARACTERS, line.end - line.begin)).decode("utf-8", "replace")[:LINE_CHARACTERS]
    characters, left = 0, line.end - line.begin
    file.seek(line.begin)
    while left > 0 and (piece := file.read(min(READ_BYTES, left))):
        characters += len(piece.translate(None, delete=CONTINUATION_BYTES))
        left -= len(piece)
    return Line("info", text, omitted=max(0, characters - len(text)))


def _marked(lines: list[Line], offset: int, cap: int) -> Printed:
    notice = [Line("warning", CUT_NOTICE)] if offset >= cap else []
    return Printed((*lines, *notice), offset)


def _collapsed(raw: bytes) -> str:
    """Return the visible text of a line after a progress bar's rewrites."""
    text = raw.decode("utf-8", "replace").rstrip("\r")
    return text.rpartition("\r")[2]
