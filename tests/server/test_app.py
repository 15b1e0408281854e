from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from sqlalchemy import text

from server.app import create_app
from server.db.migrate import WrongSchema
from server.db.session import Database
from server.settings import Settings
from tests.support.rows import make_run
from tests.support.serving import application, serve


def test_import_of_the_application_loads_neither_torch_nor_settings() -> None:
    program = "import sys, server.app; print(sorted(m for m in ('torch', 'torchvision', 'worker') if m in sys.modules))"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"


def test_serving_a_database_of_another_schema_is_refused(settings: Settings, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    app = application(settings, database)

    async def start() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(WrongSchema, match="older"):
        asyncio.run(start())


def test_entry_points_to_the_interface_while_the_pages_are_not_built(settings: Settings, database: Database) -> None:
    with serve(application(settings, database)) as service:
        entry = service.root.get("/").json()
        document = service.root.get(entry["api"]).json()

    assert document["openapi"] == "3.1.0"


def test_defaults_come_from_the_settings_of_the_process(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(database)
    monkeypatch.setattr("server.app.get_settings", lambda: settings)
    monkeypatch.setattr("server.app.get_database", lambda: database)
    monkeypatch.setattr("server.storage.get_settings", lambda: settings)

    with serve(create_app()) as service:
        runs = service.http.get("/runs").json()["items"]

    assert len(runs) == 1
