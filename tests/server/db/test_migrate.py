from __future__ import annotations

import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from server.db.migrate import COMMAND, NewerSchema, WrongSchema, check_head, current_revision, migration_engine, upgrade
from server.db.models import Experiment
from server.db.session import Database
from server.settings import Settings
from server.shipped import MIGRATIONS
from tests.support.rows import make_experiment
from tests.support.upgrade.fixture import FOLDER, SUFFIX, read
from tests.support.upgrade.restored import restore

HEAD = max(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("*.py"))
NEXT = f"{int(HEAD) + 1:04}"
BEFORE_NEXT = f"before-{NEXT}"


def _pretend_revision(url: str, revision: str) -> None:
    engine = migration_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Address of a SQLite file that does not exist."""
    return f"sqlite:///{tmp_path}/folder/new.db"


def test_an_empty_database_is_brought_to_the_newest_revision_once(url: str) -> None:
    outcomes = [upgrade(url), upgrade(url)]

    assert outcomes == [True, False]
    assert current_revision(url) == HEAD


@pytest.mark.services
def test_an_empty_postgresql_database_is_brought_to_the_newest_revision_once(postgres_url: str) -> None:
    outcomes = [upgrade(postgres_url), upgrade(postgres_url)]

    assert outcomes == [True, False]
    assert current_revision(postgres_url) == HEAD


def test_a_database_at_the_newest_revision_is_accepted(url: str) -> None:
    upgrade(url)

    check_head(url)


def test_a_file_that_does_not_exist_is_refused_and_not_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSchema) as error:
        check_head(url)

    assert str(error.value) == f"the database has no tables yet, this version needs {HEAD}; run `{COMMAND}`"
    assert list(tmp_path.iterdir()) == []


def test_a_database_at_another_revision_is_refused_naming_both_and_the_command(url: str) -> None:
    upgrade(url)
    _pretend_revision(url, "0001")

    with pytest.raises(WrongSchema) as error:
        check_head(url)

    assert str(error.value) == f"the database is at revision 0001, this version needs {HEAD}; run `{COMMAND}`"


def test_a_database_of_a_newer_version_is_not_touched(url: str, tmp_path: Path) -> None:
    upgrade(url)
    _pretend_revision(url, "9999")

    with pytest.raises(NewerSchema) as error:
        upgrade(url)
    with pytest.raises(NewerSchema, match="at revision 9999"):
        check_head(url)

    assert str(error.value) == (
        f"the database is at revision 9999, which was made by a newer version than {version('palimpsest')}: "
        "update Palimpsest, or restore a backup"
    )
    assert current_revision(url) == "9999"
    assert list((tmp_path / "folder").glob("*.before-*")) == []


def test_the_copy_that_this_version_can_read_is_offered_for_a_newer_database(url: str, tmp_path: Path) -> None:
    upgrade(url)
    path = tmp_path / "folder" / "new.db"
    for revision, copy in [(HEAD, BEFORE_NEXT), (NEXT, "before-9999")]:
        _pretend_revision(url, revision)
        with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(f"{path}.{copy}")) as target:
            live.backup(target)
    _pretend_revision(url, "9999")

    with pytest.raises(NewerSchema) as error:
        check_head(url)
    command = str(error.value).split("`")[1]
    subprocess.run(command, shell=True, check=True)

    assert str(error.value).endswith("restores the copy from before its last migration, without what was done since")
    check_head(url)
    assert {file.name for file in path.parent.iterdir()} >= {"new.db.newer", f"new.db.{BEFORE_NEXT}"}


def test_a_file_with_tables_is_backed_up_before_it_is_changed(url: str, tmp_path: Path) -> None:
    # A database that an older version made: a table with a row, and no mark of a revision that has to be applied.
    upgrade(url)
    database = Database(url)
    with database.write() as session:
        kept = make_experiment(session, name="kept").id
    database.dispose()
    engine = migration_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    engine.dispose()

    with pytest.raises(Exception, match="already exists"):
        upgrade(url)

    with closing(sqlite3.connect(tmp_path / "folder" / f"new.db.before-{HEAD}")) as backup:
        rows = backup.execute("SELECT id, name FROM experiment").fetchall()
    assert rows == [(kept, "kept")]


def test_a_failed_migration_leaves_the_database_as_it_was(url: str) -> None:
    engine = migration_engine(url)
    with engine.begin() as connection:
        # The last table of the migration is in the way, so that all others are made before it fails.
        connection.execute(text("CREATE TABLE memory_item (id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        upgrade(url)

    with engine.connect() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
    engine.dispose()
    assert [name for (name,) in tables] == ["memory_item"]


def test_processes_that_start_together_migrate_once(url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda _: upgrade(url), range(3)))

    assert sorted(outcomes) == [False, False, True]


def _revision_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(revision)


def test_a_migration_that_was_killed_halfway_keeps_the_copy_of_the_older_version(url: str, tmp_path: Path) -> None:
    restore(read(FOLDER / f"0002{SUFFIX}"), Settings(home=tmp_path, database_url=url), ["0002"])
    path = tmp_path / "folder" / "new.db"
    # What a process leaves that was killed after the copy and the first of two revisions.
    with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(f"{path}.before-{HEAD}")) as copy:
        live.backup(copy)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "0003")

    upgrade(url)

    assert current_revision(url) == HEAD
    assert _revision_of(Path(f"{path}.before-{HEAD}")) == "0002"
    assert _revision_of(Path(f"{path}.before-{HEAD}-from-0003")) == "0003"


def test_a_copy_is_whole_or_not_there(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    restore(read(FOLDER / f"0002{SUFFIX}"), Settings(home=tmp_path, database_url=url), ["0002"])
    folder = tmp_path / "folder"
    # What a process leaves that was killed while it copied.
    (folder / ".new.db.part").write_bytes(b"half a copy")
    (folder / ".new.db.part-journal").write_bytes(b"of another")

    upgrade(url)

    assert [file.name for file in folder.glob("*before*")] == [f"new.db.before-{HEAD}"]
    assert _revision_of(folder / f"new.db.before-{HEAD}") == "0002"
    assert list(folder.glob(".*.part*")) == []


@pytest.mark.services
def test_processes_that_start_together_migrate_postgresql_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda _: upgrade(postgres_url), range(3)))

    assert sorted(outcomes) == [False, False, True]


def test_the_migrations_engine_does_not_enforce_references(url: str) -> None:
    engine = migration_engine(url)
    with engine.connect() as connection:
        enforced = connection.execute(text("PRAGMA foreign_keys")).scalar_one()
    engine.dispose()

    assert enforced == 0


def test_a_migrated_database_serves(url: str) -> None:
    upgrade(url)
    database = Database(url)

    with database.write() as session:
        made = make_experiment(session)

    with database.read() as session:
        assert session.get_one(Experiment, made.id).method == "eir"
    database.dispose()
