from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, String, insert, inspect, select, text

from server.db.base import Base, utc_now
from server.db.migrate import migration_engine

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT: dict[str, Any] = {"a": [1, {"b": None}]}
READ_BY_MIGRATIONS = {"resolved": {"stream": {}}, "plan": [{"index": 0}]}
"""Column -> a document of the form that migrations rely on."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database of each kind in turn."""
    addresses = {
        "sqlite": lambda: f"sqlite:///{tmp_path}/migrated.db",
        "postgresql": lambda: str(request.getfixturevalue("postgres_url")),
    }
    return addresses[request.param]()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = migration_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def config(url: str) -> Config:
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    return config


def _fill(engine: Engine) -> None:
    """Put one row into every table, each referring to the one row of the others."""
    with engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            connection.execute(insert(table).values({column.name: _value(column) for column in table.columns}))


def _value(column: Any) -> Any:
    samples = {"String": "x", "Integer": 1, "BigInteger": 1, "Double": 0.5, "Boolean": True, "LargeBinary": b"\0"}
    document = READ_BY_MIGRATIONS.get(column.name, DOCUMENT)
    return {**samples, "JSON": document, "UtcDateTime": utc_now()}[type(column.type).__name__]


def _count(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: len(connection.execute(select(text("1")).select_from(table)).all())
            for table in Base.metadata.sorted_tables
        }


def test_models_equal_the_migrated_schema(engine: Engine, config: Config) -> None:
    command.upgrade(config, "head")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_constraints_of_the_migrated_schema_are_those_of_the_models(engine: Engine, config: Config) -> None:
    """What Alembic does not compare: primary keys, and what happens to the rows of a deleted parent."""
    command.upgrade(config, "head")

    found = inspect(engine)
    migrated = {
        table.name: (
            found.get_pk_constraint(table.name)["name"],
            found.get_pk_constraint(table.name)["constrained_columns"],
            sorted((key["constrained_columns"], key["options"].get("ondelete")) for key in _references(found, table)),
        )
        for table in Base.metadata.sorted_tables
    }
    modelled = {
        table.name: (
            table.primary_key.name,
            [column.name for column in table.primary_key.columns],
            sorted(([column.name for column in key.columns], key.ondelete) for key in table.foreign_key_constraints),
        )
        for table in Base.metadata.sorted_tables
    }
    assert migrated == modelled


def _references(found: Any, table: Any) -> Any:
    return found.get_foreign_keys(table.name)


def test_only_one_live_attempt_and_one_score_of_a_kind_are_allowed(engine: Engine, config: Config) -> None:
    command.upgrade(config, "head")

    found = inspect(engine)
    live = next(index for index in found.get_indexes("attempt") if index["name"] == "uq_attempt_live")
    score = next(index for index in found.get_indexes("score") if index["name"] == "uq_score_all")

    assert (bool(live["unique"]), live["column_names"]) == (True, ["stage_id"])
    assert (bool(score["unique"]), score["column_names"]) == (True, ["evaluation_id", "metric"])


def test_up_down_and_up_again(engine: Engine, config: Config) -> None:
    command.upgrade(config, "head")
    up = set(inspect(engine).get_table_names())
    command.downgrade(config, "base")
    down = set(inspect(engine).get_table_names())
    command.upgrade(config, "head")
    again = set(inspect(engine).get_table_names())

    assert up == again == {"alembic_version", *Base.metadata.tables}
    assert down == {"alembic_version"}


def test_a_full_database_can_be_taken_down(engine: Engine, config: Config) -> None:
    command.upgrade(config, "head")
    _fill(engine)
    filled = _count(engine)

    command.downgrade(config, "base")

    assert set(filled.values()) == {1}
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_a_sqlite_table_that_is_made_anew_keeps_the_rows_that_refer_to_it(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/x.db"
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = address
    command.upgrade(config, "head")
    engine = migration_engine(address)
    _fill(engine)

    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("experiment", recreate="always") as batch:
            batch.add_column(Column("colour", String()))

    counts = _count(engine)
    columns = [column["name"] for column in inspect(engine).get_columns("experiment")]
    engine.dispose()
    assert set(counts.values()) == {1}
    assert columns[-1] == "colour"


def test_migrations_are_numbered_and_form_one_line() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    revisions = [script.revision for script in reversed(list(scripts.walk_revisions()))]

    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]
    assert len(scripts.get_heads()) == 1
    assert [Path(script.path).name[:5] for script in scripts.walk_revisions()] == [
        f"{name}_" for name in revisions[::-1]
    ]


def test_alembic_finds_nothing_to_generate(config: Config) -> None:
    command.upgrade(config, "head")

    command.check(config)


def test_rows_that_refer_to_nothing_are_found_at_the_end_of_a_migration(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/broken.db"
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = address
    command.upgrade(config, "head")
    engine = migration_engine(address)
    with engine.begin() as connection:
        table = Base.metadata.tables["log_line"]
        connection.execute(insert(table).values({column.name: _value(column) for column in table.columns}))
    engine.dispose()

    with pytest.raises(RuntimeError, match="1 rows of log_line refer to missing rows"):
        command.upgrade(config, "head")
