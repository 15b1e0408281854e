"""Check by real trials whether this machine can run Palimpsest; leave nothing behind, and do not load torch."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.folder_access import no_access, user_name
from palimpsest.client.errors import PalimpsestError
from palimpsest.service.api_server import listen
from palimpsest.service.folders import folder_faults
from server.db.faults import damage, database_fault, sqlite_file
from server.db.migrate import WrongSchema, check_head, current_revision, migration_engine
from server.db.session import Database
from server.queue import PUBLISH_ERRORS, make_celery, ping
from server.services.accounts.users import first_admin
from server.settings import PREFIX, Settings

LEAST_FREE_BYTES = 2 * 2**30
_GIB = 2**30
_ANSWER_S = 10.0
"""Patience with whoever has the port: a service on a loaded machine must not pass for another program."""


@dataclass(frozen=True)
class Finding:
    """Result of one check.

    Attributes:
        name: name of the check.
        is_fault: whether the finding keeps Palimpsest from working.
        text: the finding, and for a fault the remedy.
    """

    name: str
    is_fault: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Check everything that the service needs, in the order in which the service would fail."""
    checks = (_python, _torch, _disk, _folders, _data_roots, _database, _accounts, _broker, _port)
    return [check(settings) for check in checks]


def shown_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield each setting's variable and value; passwords in addresses are masked."""
    for field, value in settings.model_dump(mode="json").items():
        shown = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"{PREFIX}{field.upper()}", mask(shown)


def mask(value: str) -> str:
    """Hide the password of an address."""
    if "://" not in value or "@" not in value:
        return value
    return make_url(value).render_as_string(hide_password=True)


def _python(_settings: Settings) -> Finding:
    found = platform.python_version()
    is_old = sys.version_info < (3, 11)
    return Finding("python", is_old, f"{found}; 3.11 or newer is needed" if is_old else found)


def _torch(_settings: Settings) -> Finding:
    try:
        return Finding("torch", False, version("torch"))
    except PackageNotFoundError:
        return Finding("torch", False, "not installed: fine for API and scheduler; a worker needs the extra `train`")


def _disk(settings: Settings) -> Finding:
    existing = next(folder for folder in (settings.home, *settings.home.parents) if os.path.lexists(folder))
    free = shutil.disk_usage(existing).free
    text = f"{free / _GIB:.1f} GiB free at {settings.home}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", True, f"{text}; free some: checkpoints need at least {LEAST_FREE_BYTES // _GIB} GiB")
    return Finding("disk", False, text)


def _folders(settings: Settings) -> Finding:
    faults = list(folder_faults(settings))
    if faults:
        return Finding("folders", True, "; ".join(faults))
    return Finding("folders", False, f"{settings.home} and {settings.storage_folder} can be written to and listed")


def _data_roots(settings: Settings) -> Finding:
    # The default folder is created when it is first used.
    usual = settings.home / "data"
    faults = [fault for root in settings.data_roots if (fault := _root_fault(root, root == usual))]
    if faults:
        return Finding("data roots", True, f"{'; '.join(faults)}, or change {PREFIX}DATA_ROOTS")
    return Finding("data roots", False, ", ".join(map(str, settings.data_roots)) or "none: built-in worlds alone")


def _root_fault(root: Path, may_be_missing: bool) -> str | None:
    """Return why datasets in a folder cannot be read, or None; the check lists the folder."""
    try:
        next(root.iterdir(), None)
    except FileNotFoundError:
        return _missing(root, may_be_missing)
    except NotADirectoryError:
        # If a parent is a file, the finding `folders` already names it.
        return f"{root} is no folder; move it away" if os.path.lexists(root) else _missing(root, may_be_missing)
    except PermissionError:
        return no_access(root)
    except OSError as error:
        return f"{root} cannot be listed ({error.strerror}); mend it"
    return None


def _missing(root: Path, may_be_missing: bool) -> str | None:
    return None if may_be_missing else f"{root}: there is no such folder; make or mount it"


def _database(settings: Settings) -> Finding:
    shown = mask(settings.database_url)
    try:
        if current_revision(settings.database_url) is None:
            return Finding(
                "database", False, f"{shown} is new; `palimpsest up` or `palimpsest migrate` makes its tables"
            )
        check_head(settings.database_url)
        fault = _file_fault(settings.database_url)
    except WrongSchema as error:
        fault = f"{shown}: {error}"
    except DBAPIError as error:
        fault = database_fault(settings.database_url, error)
    except SQLAlchemyError as error:
        fault = f"{shown} does not answer: {_first_line(error)}"
    except PermissionError as error:
        fault = f"{error.filename} is closed to {user_name(os.geteuid())}; see the line `folders`"
    return Finding("database", fault is not None, fault or f"{shown} is at the newest revision")


def _file_fault(url: str) -> str | None:
    """Read a whole SQLite file and write to it in a transaction that is rolled back; return the fault, or None."""
    path = sqlite_file(url)
    if path is None:
        return None
    engine = migration_engine(url)
    with engine.connect() as connection:
        version = connection.execute(text("PRAGMA user_version")).scalar_one()
        connection.execute(text(f"PRAGMA user_version = {version}"))
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
        connection.rollback()
    engine.dispose()
    return None if found == "ok" else f"The database {damage(path, found)}"


def _broker(settings: Settings) -> Finding:
    shown = mask(settings.broker_url)
    try:
        ping(make_celery(settings))
    except PUBLISH_ERRORS as error:
        return Finding("broker", True, f"{shown} does not answer: {_first_line(error)}; runs wait until it is back")
    return Finding("broker", False, f"{shown} answers")


def _accounts(settings: Settings) -> Finding:
    if not settings.accounts:
        return Finding("accounts", False, f"off; {settings.host} is reached from this machine only")
    try:
        database = Database(settings.database_url)
        with database.read() as session:
            admin = first_admin(session)
        database.dispose()
    except SQLAlchemyError:
        # The database is new, or its fault is already reported.
        admin = None
    if admin is None:
        return Finding(
            "accounts", True, "nobody can look after them yet; `palimpsest admin init` makes the first admin"
        )
    return Finding("accounts", False, "on")


def _port(settings: Settings) -> Finding:
    try:
        listen(settings.host, settings.port).close()
    except PalimpsestError as error:
        if _is_palimpsest(settings):
            return Finding("port", False, f"a Palimpsest service answers on port {settings.port}")
        return Finding("port", True, str(error))
    return Finding("port", False, f"port {settings.port} of {settings.host} is free")


def _is_palimpsest(settings: Settings) -> bool:
    try:
        answer = httpx.get(f"http://{settings.host}:{settings.port}/version", timeout=_ANSWER_S, trust_env=False)
        return "schema_version" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
