"""What this machine lacks to run Palimpsest, found without changing anything and without importing torch."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import httpx
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from palimpsest.client.errors import PalimpsestError
from palimpsest.service.api_server import listen
from server.db.migrate import WrongSchema, check_head, current_revision
from server.queue import PUBLISH_ERRORS, make_celery, ping
from server.settings import PREFIX, Settings

LEAST_FREE_BYTES = 2 * 2**30
_GIB = 2**30
_ANSWER_S = 2.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what it is.
        is_fault: whether Palimpsest cannot work so.
        text: what was found, and for a fault the way out.
    """

    name: str
    is_fault: bool
    text: str


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, in the order in which it would fail."""
    checks = (_python, _torch, _disk, _data_roots, _database, _broker, _port)
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
    existing = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    text = f"{free / _GIB:.1f} GiB free at {settings.home}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", True, f"{text}; free some: checkpoints need at least {LEAST_FREE_BYTES // _GIB} GiB")
    return Finding("disk", False, text)


def _data_roots(settings: Settings) -> Finding:
    # The usual one is made when something is put there.
    usual = settings.home / "data"
    missing = [str(root) for root in settings.data_roots if root != usual and not root.is_dir()]
    if missing:
        text = f"{', '.join(missing)}: there is no such folder; make or mount it, or change {PREFIX}DATA_ROOTS"
        return Finding("data roots", True, text)
    return Finding("data roots", False, ", ".join(map(str, settings.data_roots)) or "none: built-in worlds alone")


def _database(settings: Settings) -> Finding:
    shown = mask(settings.database_url)
    try:
        if current_revision(settings.database_url) is None:
            return Finding(
                "database", False, f"{shown} is new; `palimpsest up` or `palimpsest migrate` makes its tables"
            )
        check_head(settings.database_url)
    except WrongSchema as error:
        return Finding("database", True, f"{shown}: {error}")
    except SQLAlchemyError as error:
        return Finding("database", True, f"{shown} does not answer: {_first_line(error)}")
    return Finding("database", False, f"{shown} is at the newest revision")


def _broker(settings: Settings) -> Finding:
    shown = mask(settings.broker_url)
    try:
        ping(make_celery(settings))
    except PUBLISH_ERRORS as error:
        return Finding("broker", True, f"{shown} does not answer: {_first_line(error)}; runs wait until it is back")
    return Finding("broker", False, f"{shown} answers")


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
