from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.db.feed import events_after
from server.db.lifecycle import Cause, IllegalTransition, move_attempt, move_run, move_stage
from server.db.models import Attempt, Run, Stage, Transition
from server.db.session import Database
from server.db.states import ATTEMPT_MOVES, RUN_MOVES, STAGE_MOVES, AttemptState, RunState, StageState
from tests.support.rows import make_run, make_running_stage

CAUSE = Cause("user:test", "internal", "because", request_id="r1")


def _put(session: Session, row: Run | Stage | Attempt, state: str) -> None:
    """Bring a row to a state behind the lifecycle's back."""
    session.execute(update(type(row)).where(type(row).id == row.id).values(state=state))
    session.refresh(row)


def _refused(
    session: Session, row: Any, states: Iterable[Any], move: Callable[..., bool]
) -> dict[tuple[str, str], IllegalTransition | None]:
    """Try every pair of states, each in a transaction that is rolled back; None where the move was made."""
    outcomes: dict[tuple[str, str], IllegalTransition | None] = {}
    for present, wanted in product(states, repeat=2):
        savepoint = session.begin_nested()
        _put(session, row, present.value)
        try:
            move(session, row, wanted, CAUSE)
            outcomes[present.value, wanted.value] = None
        except IllegalTransition as error:
            outcomes[present.value, wanted.value] = error
        savepoint.rollback()
    return outcomes


@pytest.mark.parametrize(
    ("subject", "states", "table", "move"),
    [
        ("run", RunState, RUN_MOVES, move_run),
        ("stage", StageState, STAGE_MOVES, move_stage),
        ("attempt", AttemptState, ATTEMPT_MOVES, move_attempt),
    ],
)
def test_each_pair_of_states_is_moved_or_refused_as_the_table_says(
    any_database: Database, subject: str, states: Any, table: Any, move: Any
) -> None:
    run, stage, claimed = make_running_stage(any_database)
    with any_database.write() as session:
        rows = {
            "run": session.get_one(Run, run.id),
            "stage": session.get_one(Stage, stage.id),
            "attempt": session.get_one(Attempt, claimed.lease.attempt_id),
        }
        outcomes = _refused(session, rows[subject], states, move)

    refused = {pair: error for pair, error in outcomes.items() if error is not None}
    legal = {(present.value, target.value) for present, targets in table.items() for target in targets}
    assert set(refused) == set(product([state.value for state in states], repeat=2)) - legal
    named = {pair: (error.subject, error.present, error.wanted, set(error.allowed)) for pair, error in refused.items()}
    assert named == {
        (present, wanted): (subject, present, wanted, {target.value for target in table[states(present)]})
        for present, wanted in refused
    }


def test_refusal_names_the_present_state_and_the_way_on(database: Database) -> None:
    run = make_run(database)

    with pytest.raises(IllegalTransition) as refusal, database.write() as session:
        move_run(session, session.get_one(Run, run.id), RunState.SUCCEEDED, CAUSE)

    assert str(refusal.value) == (
        "a queued run cannot become succeeded; allowed: cancelled, failed, paused, running, waiting"
    )


def test_refusal_in_a_final_state_says_that_it_is_final(database: Database) -> None:
    error = IllegalTransition("run", RunState.SUCCEEDED, RunState.QUEUED)

    assert str(error) == "a succeeded run cannot become queued; allowed: nothing, the state is final"


def test_a_move_writes_state_history_and_event_together(any_database: Database) -> None:
    run = make_run(any_database)
    with any_database.write() as session:
        move_run(session, session.get_one(Run, run.id), RunState.RUNNING, CAUSE)

    with any_database.read() as session:
        moved = session.get_one(Run, run.id)
        newest = select(Transition).where(Transition.subject_id == run.id).order_by(Transition.id.desc())
        entry = session.scalars(newest).first()
        event = events_after(session, run.id, 0, 100)[-1]
        assert entry is not None
        recorded = (entry.subject, entry.from_state, entry.to_state, entry.cause, entry.reason, entry.message)
    assert (moved.state, moved.reason, moved.message) == ("running", "internal", "because")
    assert moved.started_at is not None
    assert recorded == ("run", "queued", "running", "user:test", "internal", "because")
    assert entry.request_id == "r1"
    assert (event.type, event.payload) == (
        "state",
        {"state": "running", "reason": "internal", "message": "because", "is_pausing": False},
    )
    assert event.seq == moved.event_seq


def test_the_end_of_a_run_is_announced_once_and_last(database: Database) -> None:
    run = make_run(database)

    with database.write() as session:
        move_run(session, session.get_one(Run, run.id), RunState.FAILED, CAUSE)

    with database.read() as session:
        types = [event.type for event in events_after(session, run.id, 0, 100)]
        is_finished = session.get_one(Run, run.id).finished_at is not None
    assert types == ["stage", "state", "state", "end"]
    assert is_finished


def test_a_stage_event_tells_which_attempt_it_is_about(database: Database) -> None:
    run, stage, _ = make_running_stage(database)

    with database.read() as session:
        payloads = [event.payload for event in events_after(session, run.id, 0, 100) if event.type == "stage"]

    shown = [(payload["stage_id"], payload["index"], payload["state"], payload["attempt"]) for payload in payloads]
    assert shown == [(stage.id, 0, "queued", 0), (stage.id, 0, "running", 1)]


def test_a_row_that_somebody_changed_since_it_was_read_is_not_moved(database: Database) -> None:
    run = make_run(database)
    with database.read() as session:
        stale = session.get_one(Run, run.id)
    with database.write() as session:
        move_run(session, session.get_one(Run, run.id), RunState.RUNNING, CAUSE)

    with pytest.raises(IllegalTransition) as refusal, database.write() as session:
        session.add(stale)
        move_run(session, stale, RunState.PAUSED, CAUSE)

    assert refusal.value.present == "running"


def test_a_repeated_transition_id_changes_nothing(any_database: Database) -> None:
    run = make_run(any_database)
    once = Cause("user:test", transition_id="t1")
    with any_database.write() as session:
        moved = move_run(session, session.get_one(Run, run.id), RunState.RUNNING, once)

    with any_database.write() as session:
        repeated = move_run(session, session.get_one(Run, run.id), RunState.RUNNING, once)
        row = session.get_one(Run, run.id)

    # Queued when it was made, running now: two changes, so revision 3.
    assert (moved, repeated, row.state, row.revision) == (True, False, "running", 3)


def test_a_long_message_is_cut_to_4_kib(any_database: Database) -> None:
    run = make_run(any_database)

    with any_database.write() as session:
        row = session.get_one(Run, run.id)
        move_run(session, row, RunState.RUNNING, Cause("system", None, "é" * 5000))
        message = row.message

    assert message is not None
    assert len(message.encode()) == 4096
    assert message.endswith("é …")
