from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from server.db.feed import events_after
from server.db.lifecycle import (
    Cause,
    Claim,
    IllegalTransition,
    RetryPolicy,
    StaleLease,
    UnknownRun,
    request_cancel,
    resume_run,
    settle_cancelled,
    settle_failed,
    settle_succeeded,
)
from server.db.models import Attempt, Dispatch, Run, Stage, Transition
from server.db.session import Database
from server.db.states import TERMINAL_RUN_STATES
from tests.support.rows import USER, load_run, make_claim, make_experiment, make_run, make_running_stage


def _states(database: Database, run_id: str) -> list[str]:
    run = load_run(database, run_id)
    return [run.state, *(stage.state for stage in run.stages)]


def _cancel(database: Database, run_id: str, cause: Cause = USER) -> bool:
    with database.write() as session:
        return request_cancel(session, run_id, cause=cause)[1]


def _resume(database: Database, run_id: str, cause: Cause = USER) -> bool:
    with database.write() as session:
        return resume_run(session, run_id, cause=cause)[1]


def _succeed(database: Database, run: Run, *indexes: int) -> None:
    for index in indexes:
        claimed = make_claim(database, run.stages[index])
        with database.write() as session:
            settle_succeeded(session, claimed.lease, {"model": {"": {"sha256": "a" * 64, "bytes": 1}}})


def _fail(database: Database, run: Run, index: int) -> Claim:
    claimed = make_claim(database, run.stages[index])
    with database.write() as session:
        settle_failed(session, claimed.lease, "data_error", "image is broken")
    return claimed


def test_a_queued_run_is_cancelled_at_once_with_its_stages(any_database: Database) -> None:
    run = make_run(any_database)

    assert _cancel(any_database, run.id)

    row = load_run(any_database, run.id)
    with any_database.read() as session:
        types = [event.type for event in events_after(session, run.id, 0, 100)]
    assert _states(any_database, run.id) == ["cancelled"] * 4
    assert (row.reason, row.finished_at is not None) == ("cancelled_by_user", True)
    assert types[-1] == "end"


def test_a_run_whose_stage_waits_for_a_retry_is_cancelled_at_once(database: Database) -> None:
    run, _, claimed = make_running_stage(database)
    with database.write() as session:
        settle_failed(session, claimed.lease, "storage_error", "no")

    assert _cancel(database, run.id)

    assert _states(database, run.id) == ["cancelled"] * 4


@pytest.mark.parametrize("state", ["draft", "waiting", "paused"])
def test_a_run_that_nobody_works_on_is_cancelled_at_once(database: Database, state: str) -> None:
    with database.write() as session:
        run = Run(experiment=make_experiment(session), seed=0, state=state)
        run.stages = [Stage(index=0, name="label", kind="label", spec={}, state="pending")]
        session.add(run)

    assert _cancel(database, run.id)

    assert _states(database, run.id) == ["cancelled", "cancelled"]


def test_the_worker_of_a_running_run_is_asked_first(any_database: Database) -> None:
    run, _, _ = make_running_stage(any_database)

    assert _cancel(any_database, run.id)

    assert _states(any_database, run.id) == ["cancelling", "running", "pending", "pending"]


def test_cancelling_twice_changes_nothing_the_second_time(any_database: Database) -> None:
    queued, (running, _, claimed) = make_run(any_database), make_running_stage(any_database)

    outcomes = [_cancel(any_database, run.id) for run in (queued, queued, running, running)]
    with any_database.write() as session:
        settle_cancelled(session, claimed.lease)
    after_the_end = _cancel(any_database, running.id)

    assert outcomes == [True, False, True, False]
    assert not after_the_end


@pytest.mark.parametrize(("finish", "end"), [(_succeed, "succeeded"), (_fail, "failed")])
def test_a_run_that_ended_cannot_be_cancelled(
    database: Database, finish: Callable[[Database, Run, int], object], end: str
) -> None:
    run = make_run(database, num_stages=1)
    finish(database, run, 0)

    with pytest.raises(IllegalTransition) as refusal:
        _cancel(database, run.id)

    assert (refusal.value.present, refusal.value.wanted) == (end, "cancelling")


@pytest.mark.parametrize("ask", [_cancel, _resume])
def test_an_unknown_run_is_named(database: Database, ask: Callable[[Database, str], bool]) -> None:
    with pytest.raises(UnknownRun, match="run nothing does not exist"):
        ask(database, "nothing")


def test_a_failed_run_goes_on_from_its_broken_stage_with_a_new_series(any_database: Database) -> None:
    run = make_run(any_database)
    _succeed(any_database, run, 0)
    _fail(any_database, run, 1)

    assert _resume(any_database, run.id)

    row = load_run(any_database, run.id)
    with any_database.read() as session:
        dispatch = session.get_one(Dispatch, (row.stages[1].id, 2))
    assert _states(any_database, run.id) == ["queued", "succeeded", "queued", "pending"]
    assert [stage.series for stage in row.stages] == [1, 2, 1]
    assert (row.reason, row.message, row.finished_at) == (None, None, None)
    assert dispatch.sent_at is None
    assert row.stages[0].outputs == {"model": {"": {"sha256": "a" * 64, "bytes": 1}}}


def test_attempts_of_an_earlier_series_do_not_count_after_a_resume(database: Database) -> None:
    run = make_run(database, num_stages=1)
    policy = RetryPolicy(max_attempts=2, waits_s=(0.0,))
    for _ in range(2):
        claimed = make_claim(database, run.stages[0])
        with database.write() as session:
            settle_failed(session, claimed.lease, "storage_error", "no", None, policy)
    _resume(database, run.id)

    claimed = make_claim(database, run.stages[0])
    with database.write() as session:
        settle_failed(session, claimed.lease, "storage_error", "no", None, policy)

    assert (claimed.number, claimed.series) == (3, 2)
    assert _states(database, run.id) == ["queued", "queued"]


def test_a_cancelled_run_goes_on_from_where_it_was(any_database: Database) -> None:
    run = make_run(any_database)
    _succeed(any_database, run, 0)
    _cancel(any_database, run.id)

    assert _resume(any_database, run.id)
    _succeed(any_database, run, 1, 2)

    assert _states(any_database, run.id) == ["succeeded"] * 4


def test_a_run_cancelled_as_its_last_stage_ended_succeeds_when_it_is_resumed(database: Database) -> None:
    run, _, claimed = make_running_stage(database, num_stages=1)
    _cancel(database, run.id)
    with database.write() as session:
        settle_succeeded(session, claimed.lease, {})
    before = _states(database, run.id)

    _resume(database, run.id)

    assert before == ["cancelled", "succeeded"]
    assert _states(database, run.id) == ["succeeded", "succeeded"]


def test_resuming_a_run_that_is_on_its_way_changes_nothing(any_database: Database) -> None:
    queued, (running, _, _) = make_run(any_database), make_running_stage(any_database)

    outcomes = [_resume(any_database, run.id) for run in (queued, running)]

    assert outcomes == [False, False]


def test_a_paused_run_is_queued_again(database: Database) -> None:
    with database.write() as session:
        run = Run(experiment=make_experiment(session), seed=0, state="paused")
        run.stages = [Stage(index=0, name="step-0", kind="train", spec={"queue": "cpu"}, state="pending")]
        session.add(run)

    assert _resume(database, run.id)

    assert _states(database, run.id) == ["queued", "queued"]


@pytest.mark.parametrize("state", ["cancelling", "succeeded"])
def test_other_runs_cannot_be_resumed(database: Database, state: str) -> None:
    run = make_run(database)
    with database.write() as session:
        session.execute(update(Run).values(state=state))

    with pytest.raises(IllegalTransition) as refusal:
        _resume(database, run.id)

    assert (refusal.value.present, refusal.value.wanted) == (state, "queued")
    assert _states(database, run.id) == [state, "queued", "pending", "pending"]


def test_a_repeated_transition_id_changes_nothing(any_database: Database) -> None:
    run = make_run(any_database)
    cancel, resume = (Cause("user:test", transition_id=name) for name in ("cancel", "resume"))

    outcomes = [_cancel(any_database, run.id, cancel), _resume(any_database, run.id, resume)]
    repeated = [_cancel(any_database, run.id, cancel), _resume(any_database, run.id, resume)]

    assert (outcomes, repeated) == ([True, True], [False, False])
    assert load_run(any_database, run.id).state == "queued"


def test_cancels_that_race_with_the_end_leave_one_terminal_state(any_database: Database) -> None:
    runs = [make_running_stage(any_database, num_stages=1) for _ in range(15)]

    def cancel(run_id: str) -> str:
        try:
            return f"cancelled {_cancel(any_database, run_id)}"
        except IllegalTransition as refusal:
            return refusal.present

    def finish(claimed: Claim) -> str:
        try:
            with any_database.write() as session:
                settle_succeeded(session, claimed.lease, {})
        except StaleLease:
            return "stale"
        return "settled"

    with ThreadPoolExecutor(4) as pool:
        cancels = [pool.submit(cancel, run.id) for run, _, _ in runs]
        ends = [pool.submit(finish, claimed) for _, _, claimed in runs]
        outcomes = {future.result() for future in [*cancels, *ends]}

    with any_database.read() as session:
        states = session.scalars(select(Run.state)).all()
        ended = session.execute(
            select(Transition.subject_id, func.count())
            .where(Transition.subject == "run", Transition.to_state.in_(TERMINAL_RUN_STATES))
            .group_by(Transition.subject_id)
        ).all()
    assert outcomes <= {"cancelled True", "succeeded", "settled"}
    assert set(states) <= {"cancelled", "succeeded"}
    assert [count for _, count in ended] == [1] * 15


def test_the_history_alone_gives_the_present_states(any_database: Database) -> None:
    run = make_run(any_database)
    _succeed(any_database, run, 0)
    lost = make_claim(any_database, run.stages[1])
    with any_database.write() as session:
        settle_failed(session, lost.lease, "storage_error", "no", None, RetryPolicy(waits_s=(0.0,)))
    _fail(any_database, run, 1)
    _resume(any_database, run.id)
    make_claim(any_database, run.stages[1])
    _cancel(any_database, run.id)

    with any_database.read() as session:
        entries = session.scalars(select(Transition).order_by(Transition.id)).all()
        models: tuple[type[Run] | type[Stage] | type[Attempt], ...] = (Run, Stage, Attempt)
        present = {id: state for model in models for id, state in session.execute(select(model.id, model.state))}
    replayed: dict[str, str | None] = {}
    chains = []
    for entry in entries:
        chains.append(entry.from_state == replayed.get(entry.subject_id))
        replayed[entry.subject_id] = entry.to_state
    assert replayed == present
    assert all(chains)
    assert sorted(present.values()) == sorted(
        ["cancelling", "succeeded", "running", "pending", "succeeded", "failed", "failed", "leased"]
    )
