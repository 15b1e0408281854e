"""Points, summaries, and what a newer attempt hides."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from server.db.models import Run, SeriesPoint, SeriesSummary
from server.db.series_summaries import direction_of, special_name
from server.db.session import Database
from worker.series import Curve, Point, hide_superseded, write_points

AT = datetime(2026, 1, 1, tzinfo=UTC)


def points(key: str, *values: tuple[int, float]) -> list[Point]:
    return [Point(key, iteration, value, AT) for iteration, value in values]


def write(database: Database, curve: Curve, *batches: list[Point]) -> None:
    for batch in batches:
        with database.write() as session:
            write_points(session, curve, batch)


def summary(database: Database, run: Run, key: str) -> SeriesSummary:
    with database.read() as session:
        return session.get_one(SeriesSummary, (run.id, key))


def visible(database: Database, run: Run, key: str) -> list[tuple[int, int, float | None]]:
    statement = (
        select(SeriesPoint.attempt_number, SeriesPoint.iteration, SeriesPoint.value)
        .where(SeriesPoint.run_id == run.id, SeriesPoint.key == key, SeriesPoint.is_hidden.is_(False))
        .order_by(SeriesPoint.iteration)
    )
    with database.read() as session:
        return [(number, iteration, value) for number, iteration, value in session.execute(statement)]


@pytest.mark.parametrize(("key", "best"), [("loss", "min"), ("loss/rskd", "min"), ("lr", "max"), ("miou", "max")])
def test_the_lowest_loss_is_best_and_the_highest_of_everything_else(key: str, best: str) -> None:
    assert direction_of(key) == best


@pytest.mark.parametrize(
    ("value", "name"), [(1.5, None), (math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]
)
def test_values_that_no_database_stores_have_a_name(value: float, name: str | None) -> None:
    assert special_name(value) == name


def test_last_and_best_value_grow_with_the_batches(database: Database, run: Run) -> None:
    first, second = points("loss", (1, 0.9), (2, 0.4)), points("loss", (3, 0.5), (4, math.nan))
    write(database, Curve(run.id, 0, 1), first, second)
    row = summary(database, run, "loss")
    assert (row.count, row.last_value, row.last_iteration) == (4, None, 4)
    assert (row.best_value, row.best_stage_index, row.best_iteration) == (0.4, 0, 2)


def test_the_best_of_a_run_may_lie_in_an_earlier_stage(database: Database, run: Run) -> None:
    write(database, Curve(run.id, 0, 1), points("miou", (5, 0.7)))
    write(database, Curve(run.id, 1, 1), points("miou", (5, 0.6)))
    row = summary(database, run, "miou")
    assert (row.last_value, row.last_stage_index) == (0.6, 1)
    assert (row.best_value, row.best_stage_index) == (0.7, 0)


def test_points_written_twice_are_there_once(database: Database, run: Run) -> None:
    batch = points("loss", (1, 0.9), (2, math.inf))
    write(database, Curve(run.id, 0, 1), batch, batch)
    assert visible(database, run, "loss") == [(1, 1, 0.9), (1, 2, None)]


def test_a_newer_attempt_hides_what_lies_behind_its_checkpoint(database: Database, run: Run) -> None:
    write(database, Curve(run.id, 0, 1), points("loss", (1, 0.9), (2, 0.8), (3, 0.1)), points("lr", (1, 0.01)))
    with database.write() as session:
        hide_superseded(session, Curve(run.id, 0, 2), resumed_iteration=2)
    assert visible(database, run, "loss") == [(1, 1, 0.9), (1, 2, 0.8)]
    row = summary(database, run, "loss")
    assert (row.count, row.last_value, row.best_value, row.best_iteration) == (2, 0.8, 0.8, 2)

    write(database, Curve(run.id, 0, 2), points("loss", (3, 0.7)))
    assert visible(database, run, "loss") == [(1, 1, 0.9), (1, 2, 0.8), (2, 3, 0.7)]
    row = summary(database, run, "loss")
    assert (row.count, row.last_value, row.best_value, row.best_iteration) == (3, 0.7, 0.7, 3)
    assert summary(database, run, "lr").count == 1


def test_an_attempt_that_begins_anew_hides_all_and_leaves_no_summary(database: Database, run: Run) -> None:
    write(database, Curve(run.id, 0, 1), points("loss", (1, 0.9)))
    write(database, Curve(run.id, 1, 1), points("other", (1, 0.9)))
    with database.write() as session:
        hide_superseded(session, Curve(run.id, 0, 2), resumed_iteration=0)
    with database.read() as session:
        assert session.get(SeriesSummary, (run.id, "loss")) is None
        assert session.get_one(SeriesSummary, (run.id, "other")).count == 1


def test_points_of_other_stages_and_of_newer_attempts_stay(database: Database, run: Run) -> None:
    write(database, Curve(run.id, 0, 3), points("loss", (5, 0.5)))
    write(database, Curve(run.id, 1, 1), points("loss", (6, 0.6)))
    with database.write() as session:
        hide_superseded(session, Curve(run.id, 0, 3), resumed_iteration=0)
    assert visible(database, run, "loss") == [(3, 5, 0.5), (1, 6, 0.6)]
