"""Wakes the event streams: one poll of the database serves all open streams of all runs (LIVE-3, LIVE-4)."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from server.db.feed import events_after
from server.db.session import Database
from server.services.feed.feed import Head, heads
from server.services.feed.frames import Frame, frame_of

logger = logging.getLogger("palimpsest.server")

LONGEST_POLL_S = 0.25
KEPT_FRAMES = 1000
"""Number of newest events of a run kept in memory; slower streams read from the database."""


Found = tuple[Head, list[Frame]]
"""The head of a feed, and its new events."""


@dataclass
class Channel:
    """State shared by the streams of one run.

    Attributes:
        head: head of the feed; None before the first poll.
        frames: newest events, without gaps.
        readers: number of open streams.
        is_gone: whether the run was deleted.
        is_broken: whether the events cannot be read; the streams then end, so that their clients reconnect.
        changed: set by the next change, then replaced. Take it before reading, so that no change is missed.
    """

    head: Head | None = None
    frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=KEPT_FRAMES))
    readers: int = 0
    is_gone: bool = False
    is_broken: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def after(self, seq: int) -> list[Frame] | None:
        """Return the events after a number; None if they must be read from the database."""
        if self.head is not None and self.head.seq <= seq:
            return []
        if self.frames and self.frames[0].seq <= seq + 1 <= self.frames[-1].seq:
            return [frame for frame in self.frames if frame.seq > seq]
        return None

    def wake(self) -> None:
        """End all waits for the current `changed`."""
        self.changed.set()
        self.changed = asyncio.Event()


class FeedHub:
    """Follows the feeds of all watched runs; used from one event loop."""

    def __init__(self, database: Database, poll_s: float) -> None:
        self.is_closing = False
        self._database = database
        self.poll_s = min(poll_s, LONGEST_POLL_S)
        self._channels: dict[str, Channel] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def readers(self) -> int:
        """Number of open streams."""
        return sum(channel.readers for channel in self._channels.values())

    @asynccontextmanager
    async def watch(self, run_id: str) -> AsyncIterator[Channel]:
        """Yield the shared channel of a run while the context is open."""
        self._loop = asyncio.get_running_loop()
        channel = self._channels.setdefault(run_id, Channel())
        channel.readers += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        try:
            yield channel
        finally:
            channel.readers -= 1
            if not channel.readers:
                del self._channels[run_id]

    def close(self) -> None:
        """Ask all streams to end, so that the server can stop; thread-safe."""
        self.is_closing = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for channel in self._channels.values():
            channel.wake()

    async def _follow(self) -> None:
        """Poll the database while anybody watches. After an error, keep polling: streams continue where they were."""
        is_failing = False
        while self._channels and not self.is_closing:
            known = {run_id: channel.head for run_id, channel in self._channels.items()}
            try:
                self._pass_on(known, await run_in_threadpool(self._read, known))
                is_failing = False
            except Exception:  # if the poll ended, open streams would carry only heartbeats for ever
                if not is_failing:
                    logger.exception("event streams cannot read the database; they try again until they can")
                is_failing = True
            await asyncio.sleep(self.poll_s)

    def _pass_on(self, known: Mapping[str, Head | None], found: Mapping[str, Found | None]) -> None:
        for run_id in known.keys() - found.keys():
            self._end(run_id)
        for run_id, news in found.items():
            if news is None:
                self._break(run_id)
            else:
                self._update(run_id, *news)

    def _break(self, run_id: str) -> None:
        channel = self._channels.get(run_id)
        if channel is not None:
            channel.is_broken = True
            channel.wake()

    def _end(self, run_id: str) -> None:
        channel = self._channels.get(run_id)
        if channel is not None:
            channel.is_gone = True
            channel.wake()

    def _update(self, run_id: str, head: Head, frames: list[Frame]) -> None:
        channel = self._channels.get(run_id)
        if channel is None or channel.head == head:
            return
        if channel.frames and frames and frames[0].seq != channel.frames[-1].seq + 1:
            channel.frames.clear()
        channel.frames.extend(frames)
        channel.head = head
        channel.wake()

    def _read(self, known: Mapping[str, Head | None]) -> dict[str, Found | None]:
        """Return the new events of each existing run; None for a run whose events cannot be read."""
        with self._database.read() as session:
            found: dict[str, Found | None] = {}
            for run_id, head in heads(session, list(known)).items():
                before = known[run_id]
                new = before is not None and head.seq > before.seq
                events = events_after(session, run_id, before.seq, KEPT_FRAMES) if before is not None and new else []
                try:
                    found[run_id] = (head, [frame_of(event) for event in events])
                except (ValueError, TypeError, LookupError):
                    logger.exception("an event of run %s after number %d is no event", run_id, head.seq - len(events))
                    found[run_id] = None
            return found
