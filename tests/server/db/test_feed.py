from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from server.db.feed import append_event, append_events, events_after
from server.db.models import Run
from server.db.session import Database
from tests.support.rows import make_experiment


def _make_run(database: Database) -> str:
    with database.write() as session:
        run = Run(experiment=make_experiment(session), seed=0)
        session.add(run)
        session.flush()
        return run.id


def test_events_are_numbered_from_one_and_come_back_in_order(any_database: Database) -> None:
    run_id = _make_run(any_database)

    with any_database.write() as session:
        first = append_event(session, run_id, "state", {"state": "queued"})
        last = append_events(session, run_id, [("log", {"lines": [1]}), ("log", {"lines": [2]})])

    with any_database.read() as session:
        events = events_after(session, run_id, 0, 10)
        seen = [(event.seq, event.type, event.payload) for event in events]
    assert (first, last) == (1, 3)
    assert seen == [(1, "state", {"state": "queued"}), (2, "log", {"lines": [1]}), (3, "log", {"lines": [2]})]


def test_events_after_a_number_leave_out_that_number_and_stop_at_the_limit(database: Database) -> None:
    run_id = _make_run(database)
    with database.write() as session:
        append_events(session, run_id, [("progress", {"iteration": number}) for number in range(1, 6)])

    with database.read() as session:
        numbers = [event.seq for event in events_after(session, run_id, 2, 2)]

    assert numbers == [3, 4]


def test_a_rolled_back_event_leaves_no_gap(any_database: Database) -> None:
    run_id = _make_run(any_database)
    with pytest.raises(ZeroDivisionError), any_database.write() as session:
        append_event(session, run_id, "state", {})
        1 // 0  # noqa: B018

    with any_database.write() as session:
        number = append_event(session, run_id, "state", {})

    assert number == 1


def test_concurrent_writers_give_each_number_once_without_gaps(any_database: Database) -> None:
    run_id = _make_run(any_database)

    def append(writer: int) -> list[int]:
        numbers = []
        for turn in range(15):
            with any_database.write() as session:
                numbers.append(append_event(session, run_id, "log", {"writer": writer, "turn": turn}))
        return numbers

    with ThreadPoolExecutor(4) as pool:
        by_writer = list(pool.map(append, range(4)))

    with any_database.read() as session:
        stored = [(event.payload["writer"], event.payload["turn"]) for event in events_after(session, run_id, 0, 100)]
    assert sorted(number for numbers in by_writer for number in numbers) == list(range(1, 61))
    assert [numbers == sorted(numbers) for numbers in by_writer] == [True] * 4
    assert sorted(stored) == [(writer, turn) for writer in range(4) for turn in range(15)]


def test_a_loaded_run_knows_its_newest_number(database: Database) -> None:
    run_id = _make_run(database)

    with database.write() as session:
        run = session.get_one(Run, run_id)
        append_event(session, run_id, "state", {})
        number = run.event_seq

    assert number == 1


def test_an_event_of_an_unknown_run_is_an_error(database: Database) -> None:
    with pytest.raises(LookupError, match="run nobody does not exist"), database.write() as session:
        append_event(session, "nobody", "state", {})
