from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from palimpsest.client.sse import ServerSentEvent, parse_events
from server.db import lifecycle
from server.db.feed import append_event, append_events
from server.db.models import RunEvent
from server.db.session import Database
from server.settings import Settings
from tests.support.rows import USER, make_claim, make_run
from tests.support.serving import Service, application, pointers, problem, serve
from tests.support.waiting import wait_until

STREAM = {"Accept": "text/event-stream"}


def _append(database: Database, run_id: str, count: int = 1) -> int:
    with database.write() as session:
        return append_events(session, run_id, [("progress", {"iteration": number}) for number in range(count)])


def _end(database: Database, run_id: str) -> None:
    with database.write() as session:
        lifecycle.request_cancel(session, run_id, cause=USER)


def _listen(http: httpx.Client, run_id: str, last: str | None = None, **params: Any) -> Iterator[ServerSentEvent]:
    """Yield the events of a stream until the server ends it."""
    headers = STREAM if last is None else {**STREAM, "Last-Event-ID": last}
    with http.stream("GET", f"/runs/{run_id}/events", headers=headers, params=params) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        yield from parse_events(response.iter_bytes())


def _stored(database: Database, run_id: str) -> list[int]:
    with database.read() as session:
        return [event.seq for event in session.query(RunEvent).filter_by(run_id=run_id).order_by(RunEvent.seq)]


def test_pages_give_every_event_once_and_in_order(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    last = _append(database, run.id, 5)

    seen: list[int] = []
    while len(seen) < last:
        page = http.get(f"/runs/{run.id}/events", params={"after": seen[-1] if seen else 0, "limit": 3}).json()
        seen += [event["seq"] for event in page["items"]]

    assert seen == list(range(1, last + 1))
    assert (page["next_after"], page["is_end"], page["reset"]) == (last, False, None)


def test_page_says_when_the_run_is_over(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    _end(database, run.id)

    first = http.get(f"/runs/{run.id}/events", params={"limit": 1}).json()
    rest = http.get(f"/runs/{run.id}/events", params={"after": first["next_after"]}).json()

    assert first["is_end"] is False
    assert rest["is_end"] is True
    assert [event["type"] for event in rest["items"]][-1] == "end"


@pytest.mark.parametrize("after", [0, 2, 999])
def test_page_behind_what_is_kept_starts_again_from_a_snapshot(
    http: httpx.Client, database: Database, after: int
) -> None:
    run = make_run(database)
    last = _append(database, run.id, 4)
    with database.write() as session:
        session.execute(delete(RunEvent).where(RunEvent.run_id == run.id, RunEvent.seq < last))

    page = http.get(f"/runs/{run.id}/events", params={"after": after}).json()

    assert (page["items"], page["next_after"]) == ([], last)
    assert page["reset"]["seq"] == last
    assert page["reset"]["run"]["id"] == run.id


@pytest.mark.parametrize("params", [{"after": -1}, {"after": "x"}, {"limit": 0}, {"limit": 1001}])
def test_invalid_page_is_refused(http: httpx.Client, database: Database, params: dict[str, Any]) -> None:
    run = make_run(database)

    assert pointers(http.get(f"/runs/{run.id}/events", params=params)) == [f"/{next(iter(params))}"]


def test_stream_of_an_unknown_run_is_a_problem(http: httpx.Client) -> None:
    unknown = "01890000-0000-7000-8000-000000000000"

    problem(http.get(f"/runs/{unknown}/events", headers=STREAM), 404, "not-found")


def test_stream_begins_with_a_snapshot_and_is_not_buffered(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    last = _append(database, run.id)

    with http.stream("GET", f"/runs/{run.id}/events", headers={**STREAM, "Accept-Encoding": "gzip"}) as response:
        lines = response.iter_lines()
        head = [next(lines) for _ in range(5)]
        headers = response.headers

    assert head[:4] == ["retry: 3000", "", f"id: {last}", "event: snapshot"]
    assert (headers["x-accel-buffering"], headers["cache-control"]) == ("no", "no-cache")
    assert "content-encoding" not in headers


def test_stream_brings_new_events_as_they_are_committed_until_the_end(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    events = _listen(http, run.id)
    snapshot = next(events)

    _append(database, run.id, 2)
    _end(database, run.id)
    rest = list(events)

    stored = _stored(database, run.id)
    assert snapshot.type == "snapshot"
    assert [int(event.id) for event in rest] == [seq for seq in stored if seq > int(snapshot.id)]
    assert [event.type for event in rest][:2] == ["progress", "progress"]
    assert rest[-1].type == "end"
    assert [event.type for event in rest].count("end") == 1


def test_stream_from_a_number_brings_what_was_missed_before_what_is_new(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    _append(database, run.id, 3)

    events = _listen(http, run.id, after=2)
    first = next(events)
    _append(database, run.id)
    _end(database, run.id)
    rest = list(events)

    assert (first.type, first.id) == ("snapshot", "2")
    assert [int(event.id) for event in rest] == [seq for seq in _stored(database, run.id) if seq > 2]


def test_stream_that_is_cut_and_taken_up_again_gives_the_stored_sequence(
    http: httpx.Client, database: Database
) -> None:
    run = make_run(database)
    make_claim(database, run.stages[0])
    seen: list[int] = []
    after = "0"

    for _ in range(12):
        _append(database, run.id, 3)
        stream = _listen(http, run.id, last=after)
        assert next(stream).id == after
        for event, _ in zip(stream, range(2), strict=False):
            seen.append(int(event.id))
            after = event.id
        stream.close()
    with database.write() as session:
        append_event(session, run.id, "progress", {"iteration": 99})
    for event in _listen_until(http, run.id, after, _stored(database, run.id)[-1]):
        seen.append(int(event.id))

    assert seen == _stored(database, run.id)


def _listen_until(http: httpx.Client, run_id: str, last: str, seq: int) -> Iterator[ServerSentEvent]:
    stream = _listen(http, run_id, last=last)
    next(stream)
    for event in stream:
        yield event
        if int(event.id) == seq:
            stream.close()
            return


def test_header_of_a_reconnecting_browser_goes_before_the_number_in_its_address(
    http: httpx.Client, database: Database
) -> None:
    run = make_run(database)
    _append(database, run.id, 5)

    stream = _listen(http, run.id, last="4", after=1)

    assert next(stream).id == "4"
    assert next(stream).id == "5"
    stream.close()


def test_stream_of_a_run_that_is_over_has_a_snapshot_and_one_end(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    _end(database, run.id)

    events = list(_listen(http, run.id))
    with_history = list(_listen(http, run.id, after=0))

    assert [event.type for event in events] == ["snapshot", "end"]
    assert events[1].id == str(_stored(database, run.id)[-1])
    assert [int(event.id) for event in with_history[1:]] == _stored(database, run.id)
    assert [event.type for event in with_history].count("end") == 1


def test_browser_that_has_the_end_is_told_not_to_come_back(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    _end(database, run.id)
    last = _stored(database, run.id)[-1]

    answer = http.get(f"/runs/{run.id}/events", headers={**STREAM, "Last-Event-ID": str(last)})

    assert answer.status_code == 204


@pytest.mark.parametrize("after", [1, 999])
def test_stream_behind_what_is_kept_resets_and_goes_on(http: httpx.Client, database: Database, after: int) -> None:
    run = make_run(database)
    last = _append(database, run.id, 4)
    with database.write() as session:
        session.execute(delete(RunEvent).where(RunEvent.run_id == run.id))

    events = _listen(http, run.id, last=str(after))
    first, second = next(events), next(events)
    new = _append(database, run.id)
    third = next(events)
    events.close()

    assert (first.type, second.type) == ("snapshot", "reset")
    assert (second.id, third.id, third.type) == (str(last), str(new), "progress")


def test_stream_ends_with_the_server_and_the_next_server_goes_on_without_gap(
    settings: Settings, database: Database
) -> None:
    run = make_run(database)
    seen: list[int] = []
    with serve(application(settings, database)) as before:
        stream = _listen(before.http, run.id, after=0)
        next(stream)
        seen += [int(next(stream).id) for _ in range(2)]
        stopper = threading.Thread(target=before.stop)
        stopper.start()
        seen += [int(event.id) for event in stream]
        stopper.join()
    _append(database, run.id, 3)

    with serve(application(settings, database)) as after:
        _end(database, run.id)
        seen += [int(event.id) for event in _listen(after.http, run.id, last=str(seen[-1]))][1:]

    assert seen == _stored(database, run.id)


def test_resumed_run_streams_on_behind_its_first_end(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    _end(database, run.id)
    with database.write() as session:
        lifecycle.resume_run(session, run.id, cause=USER)
    last = _stored(database, run.id)[-1]

    events = _listen(http, run.id, after=0)
    seen = [next(events) for _ in range(last + 1)]
    new = _append(database, run.id)

    assert [int(event.id) for event in seen[1:]] == list(range(1, last + 1))
    assert next(events).id == str(new)
    events.close()


def test_silent_stream_says_that_it_lives(
    service: Service, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.routes.events.HEARTBEAT_S", 0.05)
    run = make_run(database)

    with service.http.stream("GET", f"/runs/{run.id}/events", headers=STREAM) as response:
        comments = (line for line in response.iter_lines() if line.startswith(":"))
        found = [next(comments), next(comments)]

    assert found == [": still here", ": still here"]


def test_readers_of_one_run_share_its_events(service: Service, database: Database) -> None:
    run = make_run(database)
    readers = [_listen(service.http, run.id) for _ in range(10)]
    starts = {next(reader).id for reader in readers}

    _append(database, run.id, 3)
    _end(database, run.id)
    endings = [[int(event.id) for event in reader] for reader in readers]

    assert len(starts) == 1
    assert all(
        ending == [seq for seq in _stored(database, run.id) if seq > int(starts.copy().pop())] for ending in endings
    )


def test_reader_that_does_not_read_delays_nobody_and_loses_nothing(service: Service, database: Database) -> None:
    run = make_run(database)
    slow, quick = _listen(service.http, run.id), _listen(service.http, run.id)
    begun = int(next(slow).id)
    next(quick)

    # More than a channel keeps ready, and larger than what the connection itself holds.
    with database.write() as session:
        events = [("log", {"lines": [{"number": number, "text": "x" * 4000}]}) for number in range(2500)]
        last = append_events(session, run.id, events)
    of_quick = [int(next(quick).id) for _ in range(2500)]
    of_slow = [int(next(slow).id) for _ in range(2500)]

    assert of_quick == of_slow == list(range(begun + 1, last + 1))
    slow.close()
    quick.close()


def test_first_bytes_come_within_half_a_second(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    next(_listen(http, run.id))

    # The best of three: other processes use the same processors.
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        stream = _listen(http, run.id)
        assert next(stream).type == "snapshot"
        times.append(time.perf_counter() - begun)
        stream.close()
    assert min(times) <= 0.5


def test_reader_that_goes_away_is_forgotten(service: Service, database: Database) -> None:
    run = make_run(database)
    hub = service.app.state.hub
    stream = _listen(service.http, run.id)
    next(stream)
    assert wait_until(lambda: hub.readers, what="the reader") == 1

    stream.close()

    assert wait_until(lambda: not hub.readers, what="the reader that went away")


def test_two_servers_on_one_database_bring_the_same_events(
    service: Service, settings: Settings, database: Database
) -> None:
    run = make_run(database)
    with serve(application(settings, Database(database.url, sqlite_synchronous="NORMAL"))) as other:
        here, there = _listen(service.http, run.id, after=0), _listen(other.http, run.id, after=0)
        _end(database, run.id)
        ids = [[event.id for event in events][1:] for events in (here, there)]

    assert ids[0] == ids[1] == [str(seq) for seq in _stored(database, run.id)]
