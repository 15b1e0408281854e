"""How Alembic reaches the database; `server.db.migrate` and the `alembic` command both come through here."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import server.db.models  # noqa: F401 - fills the metadata
from server.db.base import Base, UtcDateTime
from server.db.migrate import migration_engine
from server.settings import load_settings


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write plain types into migrations, so that they do not change with our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    """Migrate the database that the caller names, or the one of the settings."""
    engine = migration_engine(context.config.attributes.get("url") or load_settings().database_url)
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=is_sqlite,
            compare_type=True,
            transaction_per_migration=True,
            transactional_ddl=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        if is_sqlite:
            _check_references(connection)
    engine.dispose()


def _check_references(connection: Connection) -> None:
    """Find rows whose parent is gone: references are not enforced while tables are made anew."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = sorted({row[0] for row in broken})
        raise RuntimeError(f"{len(broken)} rows of {', '.join(tables)} refer to missing rows; restore the backup")


if context.is_offline_mode():
    raise RuntimeError("migrations are run against a database; there is no SQL script mode")
run()
