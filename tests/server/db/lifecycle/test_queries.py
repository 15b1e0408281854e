from __future__ import annotations

from pathlib import Path

from server.db.lifecycle.queries import is_for_people, open_queries, queries_in, withdraw_queries
from server.db.models import Stage
from server.db.session import Database
from server.db.states import QueryState
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.label_rounds import finish_stage, make_rounds_run, make_waiting_round, publish, write_batch
from tests.support.rows import USER, load_run

IMAGES = ("ulm_1", "bonn_2")


def test_withdrawn_queries_are_asked_again_in_their_order(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    stage = make_waiting_round(database, LocalStorage(settings.storage_folder), tmp_path, IMAGES)

    with database.write() as session:
        row = session.get_one(Stage, stage.id)
        withdrawn = withdraw_queries(session, row, USER)
        between = [query.state for query in queries_in(session, stage.id, set(QueryState))]
        open_queries(session, row, USER)
        after = [(query.image, query.state) for query in queries_in(session, stage.id, set(QueryState))]

    assert (withdrawn, between) == (2, ["withdrawn"] * 2)
    assert after == [("ulm_1", "open"), ("bonn_2", "open")]


def test_people_do_a_label_stage_that_asks_and_no_other(database: Database, settings: Settings, tmp_path: Path) -> None:
    stage = make_waiting_round(database, LocalStorage(settings.storage_folder), tmp_path, IMAGES)

    with database.read() as session:
        run = load_run(database, stage.run_id)
        found = [is_for_people(session, session.get_one(Stage, one.id)) for one in run.stages]

    assert found == [False, False, True, False]


def test_an_oracles_stage_is_queued_like_any_other(database: Database, settings: Settings, tmp_path: Path) -> None:
    run = make_rounds_run(database, by_people=False)
    finish_stage(database, run.stages[0])
    write_batch(tmp_path / "asked", run.id, IMAGES)
    publish(database, LocalStorage(settings.storage_folder), run.stages[1], tmp_path / "asked")
    finish_stage(database, load_run(database, run.id).stages[1])

    stages = load_run(database, run.id).stages
    assert (load_run(database, run.id).state, stages[2].state) == ("queued", "queued")
