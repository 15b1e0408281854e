"""Check the service's state folders before anything starts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.folder_access import access_fault
from palimpsest.client.errors import PalimpsestError
from server.db.faults import sqlite_file
from server.settings import EMBEDDED_BROKER, PREFIX, Settings


def folder_faults(settings: Settings) -> Iterator[str]:
    """Yield why folders of the service cannot be used; skip folders below a folder that is already reported."""
    closed: list[Path] = []
    for folder, name in _folders(settings):
        if any(folder.is_relative_to(place) for place in closed):
            continue
        fault = access_fault(folder, f"set {PREFIX}{name} to another place")
        if fault is not None:
            closed.append(folder)
            yield fault


def require_folders(settings: Settings) -> None:
    """Raise PalimpsestError in one sentence for the first folder that cannot be used."""
    for fault in folder_faults(settings):
        raise PalimpsestError(f"{fault}.")


def require_database_folder(settings: Settings) -> None:
    """Raise PalimpsestError in one sentence when the folder of a SQLite file cannot be used."""
    path = sqlite_file(settings.database_url)
    if path is None:
        return
    name = "HOME" if path.parent == settings.home else "DATABASE_URL"
    fault = access_fault(path.parent, f"set {PREFIX}{name} to another place")
    if fault is not None:
        raise PalimpsestError(f"{fault}.")


def _folders(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Yield each folder with its setting, outer folders first."""
    yield settings.home, "HOME"
    # A first start as another user leaves these folders behind in a usable home.
    for folder in (settings.runs_folder, settings.cache_folder, settings.home / "logs"):
        yield folder, "HOME"
    if settings.broker_url == EMBEDDED_BROKER:
        yield settings.broker_folder, "HOME"
    yield settings.storage_folder, "STORAGE_URL"
    path = sqlite_file(settings.database_url)
    if path is not None:
        yield path.parent, "DATABASE_URL"
