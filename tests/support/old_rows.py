"""A database of an older revision, and rows for it: the models of today do not fit its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, Table

from server.db.base import utc_now
from server.db.migrate import migration_engine
from server.shipped import MIGRATIONS

SAMPLES = {"VARCHAR": "x", "INTEGER": 0, "BIGINT": 0, "DOUBLE": 0.5, "BOOLEAN": False, "JSON": {}}


def database_at(revision: str, request: pytest.FixtureRequest, folder: Path) -> tuple[Engine, Config]:
    """Return an empty database of a revision, on the engine that the test's parameter names."""
    url = f"sqlite:///{folder}/old.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)
    return migration_engine(url), config


def old_row(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Return a row with these values, and something in every other column that needs it."""
    others = {
        column.name: SAMPLES.get(str(column.type).split("(")[0].split(" ")[0], utc_now())
        for column in table.columns
        if not column.nullable
    }
    return others | values
