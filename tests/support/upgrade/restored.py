"""A service on the rows of a fixture, brought to any revision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from pydantic import TypeAdapter
from sqlalchemy import select

from core.data.dataset_spec import DatasetSpec
from core.data.opening import on_disk
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from server.db.migrate import migration_engine
from server.db.models import Dataset
from server.db.session import Database
from server.settings import Settings
from server.shipped import MIGRATIONS
from server.storage import LocalStorage
from tests.support.serving import application, serve
from tests.support.upgrade.fixture import FilledDatabase
from tests.support.upgrade.rows import load

_SPEC: TypeAdapter[FolderDatasetSpec | WorldDatasetSpec] = TypeAdapter(DatasetSpec)


def restore(filled: FilledDatabase, settings: Settings, revisions: Sequence[str] = ("head",)) -> None:
    """Make a database at the fixture's revision, put its rows in, and go to one revision after the other."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = settings.database_url
    settings.home.mkdir(parents=True, exist_ok=True)
    command.upgrade(config, filled.revision)
    engine = migration_engine(settings.database_url)
    load(engine, filled.rows)
    engine.dispose()
    storage = LocalStorage(settings.storage_folder)
    for file in filled.files:
        storage.put_bytes(file)
    # Alembic has one command for each direction.
    numbers = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    present = filled.revision
    for wanted in (numbers[0] if revision == "head" else revision for revision in revisions):
        (command.upgrade if wanted >= present else command.downgrade)(config, wanted)
        present = wanted


@contextmanager
def answering(settings: Settings) -> Iterator[httpx.Client]:
    """Serve the database of the settings for as long as the context is open; addresses begin with `/api/v1`."""
    database = Database(settings.database_url, sqlite_synchronous="NORMAL")
    _draw_worlds(database, settings)
    try:
        with serve(application(settings, database)) as service:
            yield service.root
    finally:
        database.dispose()


def _draw_worlds(database: Database, settings: Settings) -> None:
    """Put the registered worlds where a scan had put them."""
    with database.read() as session:
        specs = [_SPEC.validate_python(spec) for spec in session.scalars(select(Dataset.spec))]
    for spec in specs:
        if isinstance(spec, WorldDatasetSpec):
            on_disk(spec, settings.cache_folder)
