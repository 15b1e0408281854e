"""The times of a run from its history: waiting, computing and labelling are told apart."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from server.db.base import utc_now
from server.db.models import Run, Transition
from server.db.session import Database
from server.services.runs.times import run_times
from tests.support.rows import make_run

SECONDS = timedelta(seconds=1)


def tell(database: Database, run: Run, *, stage: int, states: dict[str, int]) -> None:
    """Write a history of a stage: each state with the seconds before now at which it began."""
    now = utc_now()
    with database.write() as session:
        session.execute(delete(Transition).where(Transition.subject_id == run.stages[stage].id))
        for state, ago in states.items():
            row = {"run_id": run.id, "subject": "stage", "subject_id": run.stages[stage].id, "cause": "system"}
            session.add(Transition(**row, from_state=None, to_state=state, at=now - ago * SECONDS))


def rounded(database: Database, run: Run) -> dict[str, int]:
    with database.read() as session:
        times = run_times(session, [run.id])[run.id]
    return {name: round(seconds) for name, seconds in times.model_dump().items()}


def test_waiting_computing_and_labelling_add_up_over_stages(any_database: Database) -> None:
    run = make_run(any_database)
    tell(any_database, run, stage=0, states={"pending": 100, "queued": 100, "running": 80, "succeeded": 50})
    tell(any_database, run, stage=1, states={"pending": 100, "waiting_annotation": 50, "succeeded": 20})
    tell(any_database, run, stage=2, states={"pending": 100, "queued": 20, "running": 15})
    assert rounded(any_database, run) == {"waited": 25, "computed": 45, "labelling": 30}


def test_time_between_two_attempts_is_waiting(database: Database) -> None:
    run = make_run(database)
    states = {"queued": 60, "running": 50, "retry_wait": 40, "failed": 10}
    tell(database, run, stage=0, states=states)
    assert rounded(database, run) == {"waited": 40, "computed": 10, "labelling": 0}


def test_run_that_is_new_has_only_begun_to_wait(database: Database) -> None:
    assert rounded(database, make_run(database)) == {"waited": 0, "computed": 0, "labelling": 0}
