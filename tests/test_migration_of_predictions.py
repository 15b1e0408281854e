"""Migration 0006: panels of an older version are of label maps and of one domain; the way back loses no map."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table, insert, text
from sqlalchemy.exc import IntegrityError

from tests.support.old_rows import database_at, old_row

BEFORE, AFTER = "0005", "0006"
STAGES = ("first", "second")
IDS = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Config]]:
    """A database of the revision before, with two panels of each of two stages."""
    engine, config = database_at(BEFORE, request, tmp_path)
    with engine.begin() as connection:
        add(connection, "experiment", id="experiment")
        add(connection, "run", id="run", experiment_id="experiment")
        for index, stage in enumerate(STAGES):
            add(connection, "stage", id=stage, run_id="run", index=index)
            for rank, source in enumerate("ab"):
                add_panel(connection, stage, rank, source)
    yield engine, config
    engine.dispose()


def add(connection: Connection, name: str, **values: Any) -> None:
    table = Table(name, MetaData(), autoload_with=connection)
    connection.execute(insert(table).values(old_row(table, values)))


def add_panel(connection: Connection, stage: str, rank: int, source: str, **values: str | None) -> None:
    place = {"id": next(IDS), "run_id": "run", "stage_id": stage, "step": STAGES.index(stage)}
    add(connection, "prediction", **place, rank=rank, source=source, **values)


def panels(engine: Engine, columns: str) -> list[tuple[Any, ...]]:
    """Return columns of all panels, in the order of steps and ranks."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM prediction ORDER BY step, rank"))]


def test_panels_become_those_of_label_maps_without_a_domain_and_are_as_before_on_the_way_back(
    old: tuple[Engine, Config],
) -> None:
    engine, config = old
    before = panels(engine, "*")

    command.upgrade(config, AFTER)
    assert panels(engine, "stage_id, rank, source, domain, kind") == [
        (stage, rank, source, None, "dense") for stage in STAGES for rank, source in enumerate("ab")
    ]
    command.downgrade(config, BEFORE)
    assert panels(engine, "*") == before


@pytest.mark.parametrize("domain", [None, "city"])
def test_an_image_is_there_once_in_each_domain_of_a_stage(old: tuple[Engine, Config], domain: str | None) -> None:
    engine, config = old
    command.upgrade(config, AFTER)
    with engine.begin() as connection:
        add_panel(connection, "first", 0, "c", domain="city", kind="binary")

    with pytest.raises(IntegrityError), engine.begin() as connection:
        add_panel(connection, "first", 0, "d", domain=domain, kind="binary")


def test_on_the_way_back_domains_follow_one_another_and_lists_of_objects_go(old: tuple[Engine, Config]) -> None:
    engine, config = old
    command.upgrade(config, AFTER)
    with engine.begin() as connection:
        for stage in STAGES:
            for rank, source in enumerate("cd"):
                add_panel(connection, stage, rank, source, domain="village", kind="binary")
            add_panel(connection, stage, 0, "e", domain="city", kind="instances")
            add_panel(connection, stage, 0, "f", domain="city hall", kind="binary")

    command.downgrade(config, BEFORE)

    ranked = list(enumerate("abcdf"))
    assert panels(engine, "stage_id, rank, source") == [(stage, *one) for stage in STAGES for one in ranked]
