"""Events as Server-Sent Events."""

from __future__ import annotations

from dataclasses import dataclass

from server.db.base import utc_now
from server.db.models import RunEvent
from server.schemas.events import FeedEvent, Snapshot
from server.schemas.runs import RunDetail

RETRY = b"retry: 3000\n\n"
RESTART = b"retry: 1000\n\n"
"""Sent when the server shuts down; it tells clients to reconnect soon."""
HEARTBEAT = b": still here\n\n"
HEARTBEAT_S = 15.0


@dataclass(frozen=True)
class Frame:
    """One event, ready to be sent."""

    seq: int
    type: str
    data: bytes


def frame_of(event: RunEvent) -> Frame:
    """Return an event of the feed as a frame; its data is the whole `FeedEvent`."""
    view = FeedEvent.model_validate(event)
    return Frame(view.seq, view.type, encode(view.type, view.model_dump_json(), view.seq))


def snapshot_frame(snapshot: Snapshot, event: str, seq: int) -> bytes:
    """Return a run's state as an event; the stream continues after `seq`, so a broken connection loses nothing."""
    return encode(event, snapshot.model_dump_json(), seq)


def end_frame(run: RunDetail, seq: int) -> bytes:
    """Return the event that ends a stream, for a run that ended before the stream began."""
    at = run.finished_at or run.created_at
    event = FeedEvent(seq=seq, type="end", payload={"state": run.state.value}, at=at)
    return encode("end", event.model_dump_json(), seq)


def gone_frame(run: RunDetail, seq: int) -> bytes:
    """Return the event that ends a stream because the run was deleted."""
    payload = {"state": run.state.value, "message": "the run was deleted"}
    event = FeedEvent(seq=seq, type="end", payload=payload, at=utc_now())
    return encode("end", event.model_dump_json(), seq)


def encode(event: str, data: str, seq: int) -> bytes:
    """Return one Server-Sent Event; JSON contains no line breaks, so one data line is enough."""
    return f"id: {seq}\nevent: {event}\ndata: {data}\n\n".encode()
