"""Migration 0005: every planned stage says its step and its noun, and no longer does after the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, insert, select

from tests.support.old_rows import database_at, old_row

KINDS = {"classes": "class_incremental", "labels": "active_rounds"}
NAMES = ("train-0", "select-0", "label-0", "train-1")
STEPS = {"classes": [0, 1, 2, 3], "labels": [0, 0, 0, 1]}
NOUNS = {"classes": "step", "labels": "round"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Config]]:
    """A database of revision 0004 with a run of steps and a run of rounds, of four stages each."""
    engine, config = database_at("0004", request, tmp_path)
    tables = MetaData()
    tables.reflect(engine)
    experiment, run, stage = (tables.tables[name] for name in ("experiment", "run", "stage"))
    with engine.begin() as connection:
        for name, kind in KINDS.items():
            values: dict[str, Any] = {"id": name, "resolved": {"stream": {"kind": kind}}, "plan": _stages()}
            connection.execute(insert(experiment).values(old_row(experiment, values)))
            connection.execute(insert(run).values(old_row(run, {"id": f"run-{name}", "experiment_id": name})))
            for spec in _stages():
                values = {"id": f"{name}-{spec['index']}", "run_id": f"run-{name}", "spec": spec}
                connection.execute(insert(stage).values(old_row(stage, values | {"index": spec["index"]})))
    yield engine, config
    engine.dispose()


def _stages() -> list[dict[str, Any]]:
    return [{"index": index, "name": name, "kind": name.split("-")[0]} for index, name in enumerate(NAMES)]


def _planned(engine: Engine, name: str) -> list[dict[str, Any]]:
    """Return the plan of an experiment, and check that the stages of its run are the same."""
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection, only=["experiment", "stage"])
        experiment, stage = tables.tables["experiment"], tables.tables["stage"]
        plan = connection.execute(select(experiment.c.plan).where(experiment.c.id == name)).scalar_one()
        of_run = select(stage.c.spec).where(stage.c.run_id == f"run-{name}").order_by(stage.c.index)
        assert list(connection.scalars(of_run)) == plan
    return list(plan)


@pytest.mark.parametrize("name", KINDS)
def test_stages_say_their_step_and_what_it_is_called(old: tuple[Engine, Config], name: str) -> None:
    engine, config = old

    command.upgrade(config, "0005")

    plan = _planned(engine, name)
    assert [stage["step"] for stage in plan] == STEPS[name]
    assert {stage["noun"] for stage in plan} == {NOUNS[name]}
    assert [stage["name"] for stage in plan] == list(NAMES)


@pytest.mark.parametrize("name", KINDS)
def test_the_way_back_leaves_what_was_there(old: tuple[Engine, Config], name: str) -> None:
    engine, config = old

    command.upgrade(config, "0005")
    command.downgrade(config, "0004")

    assert _planned(engine, name) == _stages()
