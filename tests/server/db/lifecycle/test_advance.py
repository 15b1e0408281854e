from __future__ import annotations

import pytest
from sqlalchemy import select

from server.db.lifecycle import advance_run
from server.db.lifecycle.advance import attempts_taken
from server.db.models import Dispatch, Run, Stage
from server.db.session import Database
from tests.support.rows import load_run, make_experiment, make_run, make_running_stage


def _make(database: Database, run_state: str, *stage_states: str) -> str:
    with database.write() as session:
        run = Run(experiment=make_experiment(session), seed=0, state=run_state)
        run.stages = [
            Stage(index=index, name=f"step-{index}", kind="train", spec={"queue": "cpu"}, state=state)
            for index, state in enumerate(stage_states)
        ]
        session.add(run)
        session.flush()
        return run.id


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("draft", "pending", "pending"), ("queued", "queued", "pending")),
        (("running", "succeeded", "pending"), ("queued", "succeeded", "queued")),
        (("running", "skipped", "pending"), ("queued", "skipped", "queued")),
        (("running", "succeeded", "succeeded"), ("succeeded", "succeeded", "succeeded")),
        (("running", "retry_wait", "pending"), ("queued", "retry_wait", "pending")),
        (("cancelling", "succeeded", "pending"), ("cancelled", "succeeded", "cancelled")),
        # There is nothing to do, or it is somebody else's turn.
        (("running", "running", "pending"), ("running", "running", "pending")),
        (("cancelling", "running", "pending"), ("cancelling", "running", "pending")),
        (("queued", "queued", "pending"), ("queued", "queued", "pending")),
        (("paused", "succeeded", "pending"), ("paused", "succeeded", "pending")),
        (("failed", "failed", "pending"), ("failed", "failed", "pending")),
        (("cancelled", "succeeded", "cancelled"), ("cancelled", "succeeded", "cancelled")),
        (("succeeded", "succeeded", "succeeded"), ("succeeded", "succeeded", "succeeded")),
    ],
)
def test_a_run_comes_to_what_follows_from_its_stages(
    database: Database, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    run_id = _make(database, *before)

    with database.write() as session:
        advance_run(session, session.get_one(Run, run_id))

    run = load_run(database, run_id)
    assert (run.state, *(stage.state for stage in run.stages)) == after


def test_advancing_twice_sends_one_message(any_database: Database) -> None:
    run = make_run(any_database)

    for _ in range(2):
        with any_database.write() as session:
            advance_run(session, session.get_one(Run, run.id))

    with any_database.read() as session:
        assert session.scalars(select(Dispatch.dispatch_no)).all() == [1]


def test_the_end_of_a_run_says_how_many_attempts_each_stage_took(database: Database) -> None:
    run, _, _ = make_running_stage(database)

    with database.read() as session:
        told = attempts_taken(session, session.get_one(Run, run.id))

    assert told == "attempts: step-0 1, step-1 0, step-2 0"
