"""One reader's stream of a run's events (LIVE-2, LIVE-3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from server.db.feed import events_after
from server.db.session import Database
from server.db.states import TERMINAL_RUN_STATES
from server.errors import NotFoundError
from server.schemas.events import Snapshot
from server.services.feed import feed
from server.services.feed.feed import Head
from server.services.feed.frames import (
    HEARTBEAT,
    RESTART,
    RETRY,
    Frame,
    end_frame,
    frame_of,
    gone_frame,
    snapshot_frame,
)
from server.services.feed.hub import FeedHub

BATCH = 500


async def stream(
    hub: FeedHub, database: Database, start: Snapshot, after: int | None, heartbeat_s: float
) -> AsyncIterator[bytes]:
    """Yield a snapshot, every event after `after` once and in order, and `end` when the run is over or deleted.

    Args:
        hub: announces new events.
        database: source of events that the hub no longer holds.
        start: the run's current state.
        after: number of the reader's last event; None begins after the snapshot.
        heartbeat_s: seconds of silence after which a comment is sent.
    """
    run_id = start.run.id
    cursor = start.seq if after is None else after
    # The id is the reader's position, not the snapshot's: a connection that breaks now must not skip missed events.
    yield RETRY + snapshot_frame(start, "snapshot", cursor)
    if cursor > start.seq:
        yield snapshot_frame(start, "reset", start.seq)
        cursor = start.seq
    is_ended = False
    async with hub.watch(run_id) as channel:
        while not (hub.is_closing or channel.is_broken):
            changed = channel.changed
            if channel.is_gone:
                yield gone_frame(start.run, cursor)
                return
            frames = channel.after(cursor)
            if frames is None:
                try:
                    missed, reset = await run_in_threadpool(_read, database, run_id, cursor)
                except NotFoundError:
                    channel.is_gone = True
                    continue
                if reset is not None:
                    yield snapshot_frame(reset, "reset", reset.seq)
                    start, cursor = reset, reset.seq
                    continue
                frames = missed
            for frame in frames:
                yield frame.data
                cursor = frame.seq
                # A resume begins with a new `state` event, which cancels the `end` before it.
                is_ended = frame.type == "end" or (is_ended and frame.type != "state")
            if _is_over(channel.head, start, cursor):
                if not is_ended:
                    yield end_frame(start.run, cursor)
                return
            if not frames and not await _set_within(changed, heartbeat_s):
                yield HEARTBEAT
    yield RESTART


def _read(database: Database, run_id: str, after: int) -> tuple[list[Frame], Snapshot | None]:
    with database.read() as session:
        head = feed.head(session, run_id)
        events = events_after(session, run_id, after, BATCH)
        if feed.is_broken(after, head, events[0].seq if events else None):
            return [], feed.snapshot(session, run_id)
        return [frame_of(event) for event in events], None


def _is_over(head: Head | None, start: Snapshot, cursor: int) -> bool:
    at = head or Head(start.seq, start.run.state in TERMINAL_RUN_STATES)
    return at.is_over and cursor >= at.seq


async def _set_within(changed: asyncio.Event, timeout_s: float) -> bool:
    try:
        await asyncio.wait_for(changed.wait(), timeout_s)
    except TimeoutError:
        return False
    return True
