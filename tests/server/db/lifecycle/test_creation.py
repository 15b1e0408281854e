from __future__ import annotations

from sqlalchemy import select

from server.db.lifecycle import Cause, create_run
from server.db.models import Dispatch, Transition
from server.db.session import Database
from tests.support.rows import load_run, make_experiment, make_run


def test_a_new_run_is_queued_with_its_first_stage_and_that_stages_message(any_database: Database) -> None:
    run = load_run(any_database, make_run(any_database, seed=7).id)

    with any_database.read() as session:
        dispatches = session.scalars(select(Dispatch)).all()
    assert (run.state, run.seed) == ("queued", 7)
    assert [(stage.index, stage.name, stage.state) for stage in run.stages] == [
        (0, "step-0", "queued"),
        (1, "step-1", "pending"),
        (2, "step-2", "pending"),
    ]
    assert [(row.stage_id, row.dispatch_no, row.queue, row.sent_at, row.times_sent) for row in dispatches] == [
        (run.stages[0].id, 1, "default", None, 0)
    ]


def test_the_history_begins_with_the_making_of_each_row(database: Database) -> None:
    run = make_run(database, num_stages=1)

    with database.read() as session:
        entries = session.scalars(select(Transition).order_by(Transition.id)).all()
    assert [(entry.subject, entry.from_state, entry.to_state) for entry in entries] == [
        ("run", None, "draft"),
        ("stage", None, "pending"),
        ("stage", "pending", "queued"),
        ("run", "draft", "queued"),
    ]
    assert {entry.run_id for entry in entries} == {run.id}


def test_a_transition_id_stands_for_the_run_and_not_for_each_row(database: Database) -> None:
    cause = Cause("user:test", transition_id="once")

    with database.write() as session:
        run = create_run(session, make_experiment(session), 0, cause=cause)

    with database.read() as session:
        marked = session.scalars(select(Transition).where(Transition.transition_id == "once")).all()
    assert run.state == "queued"
    assert [(entry.subject, entry.to_state) for entry in marked] == [("run", "draft")]


def test_the_commit_reports_the_queued_stage(database: Database) -> None:
    reported: list[list[tuple[str, int, str]]] = []
    database.on_queued = reported.append

    run = make_run(database)

    assert reported == [[(run.stages[0].id, 1, "default")]]


def test_the_queue_of_a_message_is_the_stages(database: Database) -> None:
    with database.write() as session:
        experiment = make_experiment(session)
        experiment.plan = [{**stage, "queue": "gpu"} for stage in experiment.plan]
        create_run(session, experiment, 0, cause=Cause("system"))

    with database.read() as session:
        queues = session.scalars(select(Dispatch.queue)).all()
    assert queues == ["gpu"]
