from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from server.db.feed import append_events
from server.db.models import RunEvent
from server.db.session import Database
from server.services.feed.feed import Head, heads
from server.services.feed.hub import Channel, FeedHub
from tests.support.outage import UnreliableDatabase
from tests.support.rows import make_run

POLL_S = 0.005
PATIENCE_S = 10.0


def _append(database: Database, run_id: str, count: int = 1) -> int:
    with database.write() as session:
        return append_events(session, run_id, [("progress", {"iteration": number}) for number in range(count)])


def _append_nonsense(database: Database, run_id: str) -> None:
    with database.write() as session:
        number = append_events(session, run_id, [("progress", {})])
        event = update(RunEvent).where(RunEvent.run_id == run_id, RunEvent.seq == number)
        session.execute(event.values(payload=["a list is no payload"]))


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(POLL_S)


async def _seen_by(channel: Channel, seq: int) -> None:
    await _until(lambda: channel.head is not None and channel.head.seq >= seq)


def _run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(3 * PATIENCE_S):
            await test()

    asyncio.run(bounded())


def test_new_events_wake_a_reader_and_lie_ready(database: Database) -> None:
    run = make_run(database)
    hub = FeedHub(database, POLL_S)

    async def test() -> None:
        async with hub.watch(run.id) as channel:
            await _seen_by(channel, 2)
            changed = channel.changed
            last = await asyncio.to_thread(_append, database, run.id, 3)
            await asyncio.wait_for(changed.wait(), PATIENCE_S)
            await _seen_by(channel, last)

            assert [frame.seq for frame in channel.after(last - 3) or []] == [last - 2, last - 1, last]
            assert channel.after(last) == []
            assert channel.after(0) is None

    _run(test)


def test_readers_of_a_run_share_a_channel_and_the_last_one_closes_it(database: Database) -> None:
    run = make_run(database)
    hub = FeedHub(database, POLL_S)

    async def test() -> None:
        async with hub.watch(run.id) as first:
            async with hub.watch(run.id) as second:
                assert first is second
                assert hub.readers == 2
            assert hub.readers == 1
        assert hub.readers == 0

    _run(test)


def test_reader_far_behind_reads_from_the_database(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.services.feed.hub.KEPT_FRAMES", 5)
    run = make_run(database)
    hub = FeedHub(database, POLL_S)

    async def test() -> None:
        async with hub.watch(run.id) as channel:
            await _seen_by(channel, 2)
            last = await asyncio.to_thread(_append, database, run.id, 12)
            await _seen_by(channel, last)
            # Five of the twelve were read at once; what follows them has to come from the database.
            assert [frame.seq for frame in channel.after(2) or []] == [3, 4, 5, 6, 7]
            assert channel.after(7) is None

            newest = await asyncio.to_thread(_append, database, run.id)
            await _seen_by(channel, newest)
            assert [frame.seq for frame in channel.after(last) or []] == [newest]
            assert channel.after(last - 1) is None

    _run(test)


def test_database_that_comes_back_is_followed_again(database: Database) -> None:
    run = make_run(database)
    unreliable = UnreliableDatabase(database.url)
    hub = FeedHub(unreliable, POLL_S)

    async def test() -> None:
        async with hub.watch(run.id) as channel:
            await _seen_by(channel, 2)
            unreliable.away.set()
            await _until(lambda: unreliable.refused > 2)
            last = await asyncio.to_thread(_append, database, run.id)
            unreliable.away.clear()
            await _seen_by(channel, last)

            assert [frame.seq for frame in channel.after(last - 1) or []] == [last]

    _run(test)
    unreliable.dispose()


def test_any_other_error_does_not_end_the_following_and_is_logged_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = make_run(database)
    hub = FeedHub(database, POLL_S)
    failures = iter(range(5))

    def fail_for_a_while(session: Session, run_ids: list[str]) -> dict[str, Head]:
        if next(failures, None) is not None:
            raise RuntimeError("something nobody thought of")
        return heads(session, run_ids)

    async def test() -> None:
        async with hub.watch(run.id) as channel:
            await _seen_by(channel, 2)
            monkeypatch.setattr("server.services.feed.hub.heads", fail_for_a_while)
            last = await asyncio.to_thread(_append, database, run.id)
            await _seen_by(channel, last)

    _run(test)
    assert caplog.text.count("event streams cannot read the database") == 1
    assert "something nobody thought of" in caplog.text


def test_a_run_whose_event_is_no_event_ends_its_streams_and_no_others(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = make_run(database), make_run(database)
    hub = FeedHub(database, POLL_S)

    async def test() -> None:
        async with hub.watch(broken.id) as bad, hub.watch(sound.id) as good:
            await _seen_by(bad, 2)
            await _seen_by(good, 2)
            await asyncio.to_thread(_append_nonsense, database, broken.id)
            await _until(lambda: bad.is_broken)
            last = await asyncio.to_thread(_append, database, sound.id)
            await _seen_by(good, last)
            assert not good.is_broken

    _run(test)
    assert f"an event of run {broken.id}" in caplog.text


def test_closing_wakes_every_reader_from_another_thread(database: Database) -> None:
    run = make_run(database)
    hub = FeedHub(database, POLL_S)

    async def test() -> None:
        async with hub.watch(run.id) as channel:
            await _seen_by(channel, 2)
            changed = channel.changed
            await asyncio.to_thread(hub.close)
            await asyncio.wait_for(changed.wait(), PATIENCE_S)

            assert hub.is_closing

    _run(test)


def test_hub_that_nobody_uses_can_be_closed(database: Database) -> None:
    hub = FeedHub(database, POLL_S)

    hub.close()

    assert hub.is_closing


def test_looks_come_at_least_every_quarter_of_a_second(database: Database) -> None:
    assert FeedHub(database, 60.0).poll_s == 0.25
