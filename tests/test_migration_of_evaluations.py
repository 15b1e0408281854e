"""Migration 0003: what an older version stored of its evaluations is there afterwards, and again after the way back."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, insert, select, text

from tests.support.old_rows import database_at, old_row

MATRICES = {"first": [[5, 2**40], [2, 8]], "second": [[1, 0, 2], [0, 3, 0], [0, 0, 0]]}
"""No test image of the second shows class 7, and 2 of 6 pixels are taken for it."""
MEANS = {"first": {"miou": 0.75, "miou_present": 0.75}, "second": {"miou": 0.5, "miou_present": 0.7}}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Config]]:
    """A database of revision 0002 with two evaluations; references are not checked while it is filled."""
    engine, config = database_at("0002", request, tmp_path)
    _fill(engine)
    yield engine, config
    engine.dispose()


def _fill(engine: Engine) -> None:
    tables = MetaData()
    tables.reflect(engine)
    run, stage = {"id": "run", "experiment_id": "experiment"}, {"id": "stage", "run_id": "run"}
    with engine.begin() as connection:
        for name, values in (("experiment", {"id": "experiment"}), ("run", run), ("stage", stage)):
            connection.execute(insert(tables.tables[name]).values(old_row(tables.tables[name], values)))
        for step, (evaluation_id, matrix) in enumerate(MATRICES.items()):
            values: dict[str, Any] = {"id": evaluation_id, "run_id": "run", "stage_id": "stage", "step": step}
            values |= {"channels": [-1, 4, 7][: len(matrix)], "confusion": _packed(matrix)}
            table = tables.tables["evaluation"]
            connection.execute(insert(table).values(old_row(table, values)))
            scores = tables.tables["score"]
            place = {"evaluation_id": evaluation_id, "run_id": "run", "step": step}
            connection.execute(
                insert(scores),
                [
                    {**place, "metric": metric, "group": "all", "class_id": None, "value": value}
                    for metric, value in MEANS[evaluation_id].items()
                ],
            )
            # What one method wrote of an absent class; another left these rows out.
            of_class = {"metric": "iou", "class_id": 7, "group": None, "value": 0.0}
            connection.execute(insert(scores).values(**place, **of_class))


def _packed(matrix: Sequence[Sequence[int]]) -> bytes:
    cells = [cell for row in matrix for cell in row]
    return zlib.compress(struct.pack(f"<{len(cells)}q", *cells))


def _rows(engine: Engine, table: str) -> dict[str, Any]:
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection, only=[table])
        rows = connection.execute(select(tables.tables[table])).mappings().all()
    return {row.get("evaluation_id") or row["id"]: dict(row) for row in rows}


def _of_class(engine: Engine, evaluation_id: str, class_id: int) -> dict[str, float | None]:
    statement = text("SELECT metric, value FROM score WHERE evaluation_id = :evaluation AND class_id = :class")
    with engine.connect() as connection:
        rows = connection.execute(statement, {"evaluation": evaluation_id, "class": class_id}).all()
    return {row.metric: row.value for row in rows}


def _kept(engine: Engine) -> tuple[float, float]:
    with engine.connect() as connection:
        row = connection.execute(text("SELECT last_score, best_score FROM run")).one()
    return row.last_score, row.best_score


def test_matrices_become_records(old: tuple[Engine, Config]) -> None:
    engine, config = old
    command.upgrade(config, "0003")

    records = _rows(engine, "evaluation_record")
    assert {key: json.loads(row["content"]) for key, row in records.items()} == {
        "first": {"channels": [-1, 4], "matrix": MATRICES["first"]},
        "second": {"channels": [-1, 4, 7], "matrix": MATRICES["second"]},
    }
    assert {row["kind"] for row in records.values()} == {"confusion"}
    assert records["first"]["channels"] == [-1, 4]
    assert records["first"]["bytes"] == len(records["first"]["content"])
    assert {row["domain"] for row in _rows(engine, "evaluation").values()} == {None}


def test_classes_that_no_test_image_shows_become_undefined(old: tuple[Engine, Config]) -> None:
    engine, config = old
    command.upgrade(config, "0003")

    assert _of_class(engine, "second", 7) == {"iou": None, "accuracy": None, "false_share": pytest.approx(2 / 6)}
    command.downgrade(config, "0002")
    assert _of_class(engine, "second", 7) == {"iou": 0.0, "accuracy": 0.0}


def test_a_run_stands_in_lists_with_the_mean_of_present_classes(old: tuple[Engine, Config]) -> None:
    engine, config = old
    command.upgrade(config, "0003")

    assert _kept(engine) == (0.7, 0.75)
    command.downgrade(config, "0002")
    assert _kept(engine) == (0.5, 0.75)


def test_the_way_back_restores_every_matrix(old: tuple[Engine, Config]) -> None:
    engine, config = old
    before = _rows(engine, "evaluation")
    command.upgrade(config, "0003")
    command.downgrade(config, "0002")

    assert _rows(engine, "evaluation") == before


def test_what_the_older_version_does_not_know_is_kept_as_far_as_it_can(old: tuple[Engine, Config]) -> None:
    engine, config = old
    command.upgrade(config, "0003")
    with engine.begin() as connection:
        for evaluation_id, domain in (("first", "city"), ("second", "village")):
            update = "UPDATE evaluation SET domain = :domain, step = 0 WHERE id = :id"
            connection.execute(text(update), {"domain": domain, "id": evaluation_id})
        connection.execute(text("UPDATE evaluation_record SET content = NULL WHERE evaluation_id = 'second'"))

    command.downgrade(config, "0002")

    rows = _rows(engine, "evaluation")
    assert {key: row["split"] for key, row in rows.items()} == {"first": "x-city", "second": "x-village"}
    assert (rows["second"]["channels"], zlib.decompress(rows["second"]["confusion"])) == ([], b"")
    assert rows["first"]["channels"] == [-1, 4]
