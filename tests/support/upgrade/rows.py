"""All rows of a database as JSON, and back; the tables are read from the database, so any revision will do."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    insert,
    null,
    select,
    text,
)

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Table -> its rows; bytes are base64, times are ISO 8601 in UTC."""

VERSION_TABLE = "alembic_version"


def dump(engine: Engine) -> Rows:
    """Read every row of a database, in the order of the primary keys."""
    with engine.connect() as connection:
        return {
            table.name: [
                {column.name: _written(column, value) for column, value in zip(table.columns, row, strict=True)}
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in _tables(connection)
        }


def load(engine: Engine, rows: Rows) -> None:
    """Put rows into the empty tables of a database at the revision that they were read from."""
    with engine.begin() as connection:
        for table in _tables(connection):
            content = [_read(table, row) for row in rows[table.name]]
            # One by one: what a row leaves NULL must not depend on the rows beside it.
            for row in content:
                connection.execute(insert(table).values(row))
            if connection.dialect.name == "postgresql" and content:
                _move_sequence(connection, table)


def _tables(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def _written(column: Column[Any], value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        # SQLite stores UTC without saying so.
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value


def _read(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: _parsed(column, row[column.name]) for column in table.columns}


def _parsed(column: Column[Any], value: Any) -> Any:
    if value is None:
        return null()
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value)
    assert isinstance(column.type, JSON) or not isinstance(value, dict | list), f"{column} is no JSON"
    return value


def _move_sequence(connection: Connection, table: Table) -> None:
    """Let the next number of a numbered table follow those that were given."""
    for column in table.primary_key.columns:
        name = f'"{table.name}"'
        query = text("SELECT pg_get_serial_sequence(:table, :column)")
        sequence = connection.execute(query, {"table": name, "column": column.name}).scalar()
        if sequence is not None:
            connection.execute(text(f"SELECT setval('{sequence}', (SELECT max({column.name}) FROM {name}))"))
