from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from server.db.faults import database_fault, is_database_fault
from server.db.migrate import check_head, current_revision, upgrade
from server.db.session import Database
from tests.support.unprivileged import as_nobody, open_folder

__all__ = ["open_folder"]


def fault_of(url: str) -> str:
    with pytest.raises(DBAPIError) as caught:
        upgrade(url)
    assert is_database_fault(caught.value)
    return database_fault(url, caught.value)


def test_a_damaged_file_is_named_with_the_command_that_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "a palimpsest.db"
    path.write_bytes(b"not a database " * 1000)

    fault = fault_of(f"sqlite:///{path}")
    subprocess.run(fault.split("`")[1], shell=True, check=True)

    assert fault.startswith(
        f"The database {path} is damaged (file is not a database): stop the service and restore your "
    )
    assert upgrade(f"sqlite:///{path}")


def test_the_copy_of_a_damaged_file_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "palimpsest.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    (tmp_path / "palimpsest.db.before-0002").write_bytes(path.read_bytes())
    path.write_bytes(b"x" * 5000)

    fault = fault_of(url)
    subprocess.run(fault.split("`")[1], shell=True, check=True)

    check_head(url)
    assert (tmp_path / "palimpsest.db.damaged").read_bytes() == b"x" * 5000


def test_a_file_of_another_user_is_named_with_owner_and_command(open_folder: Path) -> None:
    path = open_folder / "palimpsest.db"
    upgrade(f"sqlite:///{path}")
    path.chmod(0o444)
    open_folder.chmod(0o777)
    (open_folder / "palimpsest.db.migrate.lock").chmod(0o666)
    database = Database(f"sqlite:///{path}")

    with as_nobody(), pytest.raises(DBAPIError) as caught, database.write() as session:
        session.execute(text("PRAGMA user_version = 1"))
    with as_nobody():
        fault = database_fault(database.url, caught.value)
    database.dispose()

    assert fault.startswith(f"The database {path} belongs to ")
    assert "`sudo chown nobody " in fault or "`chmod u+rw " in fault
    assert str(path) in fault.split("`")[1]


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "palimpsest.db").mkdir()

    fault = fault_of(f"sqlite:///{tmp_path}/palimpsest.db")

    assert fault == (
        f"The database {tmp_path}/palimpsest.db is a folder: "
        f"run `mv {tmp_path}/palimpsest.db {tmp_path}/palimpsest.db.old`, or name another file"
    )


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    url = "postgresql+psycopg://user:secret@127.0.0.1:1/none"
    with pytest.raises(DBAPIError) as caught:
        current_revision(url)

    fault = database_fault(url, caught.value)

    assert fault.startswith("The database of PALIMPSEST_DATABASE_URL does not answer: ")
    assert "secret" not in fault


def test_a_wrong_question_is_no_fault_of_the_database() -> None:
    assert not is_database_fault(ProgrammingError("SELECT", {}, Exception("no such column")))
