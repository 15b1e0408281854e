from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.acquisition.budgets import OverBudgetError
from core.acquisition.catalog import SuperpixelSize
from core.acquisition.queries import write_queries
from server.db.models import Query, QueryBatch, RunEvent
from server.db.session import Database
from server.storage import LocalStorage
from tests.server.db.annotations.conftest import IMAGES, Waiting
from tests.support.label_rounds import finish_stage, make_rounds_run, make_waiting_round, publish, write_batch


def test_a_batch_becomes_rows_of_the_label_stage_behind(waiting: Waiting) -> None:
    with waiting.database.read() as session:
        batch = session.get_one(QueryBatch, waiting.stage.id)
        queries = session.scalars(select(Query).order_by(Query.rank)).all()
    assert (batch.round, batch.acquisition, batch.unit, batch.budget, batch.seed) == (0, "stal", "images", 3.0, "0")
    assert (batch.by_people, batch.class_ids, batch.ignore_id) == (True, [3, 7], 255)
    assert batch.pool_pixels == {"3": 75, "7": 25}
    assert [(query.image, query.group, query.pixels, query.state) for query in queries] == [
        ("ulm_1", "ulm", 48, "open"),
        ("bonn_2", "bonn", 48, "open"),
        ("ulm_3", "ulm", 48, "open"),
    ]
    for query in queries:
        assert waiting.storage.exists(query.picture_sha256)
        assert waiting.storage.exists(query.proposal_sha256)
        assert waiting.storage.exists(query.uncertainty_sha256)
        for grain in SuperpixelSize:
            assert waiting.storage.exists(getattr(query, f"superpixels_{grain}_sha256"))


def test_the_run_waits_and_no_worker_is_asked(waiting: Waiting) -> None:
    run = waiting.run()

    assert (run.state, run.stages[2].state) == ("waiting", "waiting_annotation")
    assert run.stages[2].dispatch_no == 0


def test_a_selection_that_is_repeated_asks_once(any_database: Database, storage: LocalStorage, tmp_path: Path) -> None:
    run = make_rounds_run(any_database)
    finish_stage(any_database, run.stages[0])
    write_batch(tmp_path / "first", run.id, IMAGES)
    write_batch(tmp_path / "second", run.id, IMAGES)

    publish(any_database, storage, run.stages[1], tmp_path / "first")
    publish(any_database, storage, run.stages[1], tmp_path / "second")

    with any_database.read() as session:
        assert len(session.scalars(select(Query)).all()) == len(IMAGES)


@pytest.mark.parametrize(("images", "message"), [(IMAGES, "buys 2"), (("ulm_1", "ulm_1"), "'ulm_1' twice")])
def test_a_batch_beyond_its_budget_is_refused(
    any_database: Database, storage: LocalStorage, tmp_path: Path, images: tuple[str, ...], message: str
) -> None:
    run = make_rounds_run(any_database)
    finish_stage(any_database, run.stages[0])
    batch = write_batch(tmp_path / "asked", run.id, images)
    write_queries(tmp_path / "asked", batch.model_copy(update={"budget": 2.0}))

    with pytest.raises(OverBudgetError, match=message):
        publish(any_database, storage, run.stages[1], tmp_path / "asked")

    with any_database.read() as session:
        assert session.scalars(select(Query)).all() == []


def test_an_attempt_that_comes_late_takes_no_answer_away(waiting: Waiting, tmp_path: Path) -> None:
    waiting.answer(waiting.ids[0])
    write_batch(tmp_path / "late", waiting.stage.run_id, ["elsewhere_9"])

    publish(waiting.database, waiting.storage, waiting.run().stages[1], tmp_path / "late")

    assert waiting.states() == ["accepted", "open", "open"]


@pytest.mark.parametrize("images", [(), IMAGES])
def test_the_feed_hears_of_the_queries(
    any_database: Database, storage: LocalStorage, tmp_path: Path, images: tuple[str, ...]
) -> None:
    stage = make_waiting_round(any_database, storage, tmp_path, images)

    with any_database.read() as session:
        events = session.scalars(select(RunEvent).where(RunEvent.type == "query").order_by(RunEvent.seq)).all()
    assert events[0].payload["stage_id"] == stage.id
    assert events[0].payload["counts"]["open"] == len(images)
