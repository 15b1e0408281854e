"""Print a command's faults as one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from palimpsest.client.errors import PalimpsestError
from palimpsest.service.folders import require_folders
from server.settings import Settings, SettingsError, get_settings


@contextmanager
def plain_faults() -> Iterator[None]:
    """Print a fault as one sentence, without a trace, and end with status 1."""
    from sqlalchemy.exc import DBAPIError

    from core.errors import ConfigError
    from server.db.faults import database_fault, is_database_fault
    from server.db.migrate import WrongSchema
    from server.errors import DomainError

    try:
        yield
    except DomainError as error:
        print("\n".join(entry.message for entry in error.errors) or error, file=sys.stderr)
        raise typer.Exit(1) from error
    except (PalimpsestError, SettingsError, ConfigError, WrongSchema) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    except DBAPIError as error:
        if not is_database_fault(error):
            raise
        print(database_fault(get_settings().database_url, error), file=sys.stderr)
        raise typer.Exit(1) from error


def require_migrated(settings: Settings) -> None:
    """Raise PalimpsestError or WrongSchema if the folders or the database cannot be used."""
    from server.db.migrate import check_head

    require_folders(settings)
    check_head(settings.database_url)
