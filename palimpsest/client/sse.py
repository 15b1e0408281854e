"""Parse `text/event-stream` (WHATWG HTML, section 9.2.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerSentEvent:
    """One event; `id` is the last id in the stream, empty before the first id."""

    id: str
    type: str
    data: str


def parse_events(blocks: Iterable[bytes]) -> Iterator[ServerSentEvent]:
    """Yield the events of a stream of byte blocks, without comments and events without data.

    An event that is cut off by the stream's end is dropped, so that the reader requests it again.
    """
    last_id = ""
    kind = ""
    data: list[str] = []
    for line in _lines(blocks):
        if not line:
            if data:
                yield ServerSentEvent(last_id, kind or "message", "\n".join(data))
            kind, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id" and "\0" not in value:
            last_id = value
        elif field == "event":
            kind = value
        elif field == "data":
            data.append(value)


def _lines(blocks: Iterable[bytes]) -> Iterator[str]:
    """Split at line feeds only: JSON may contain other characters at which `str.splitlines` splits."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from (line.removesuffix(b"\r").decode() for line in lines)
