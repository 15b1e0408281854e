"""The connection of the commands to a service, and how its refusals are printed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from core.errors import ConfigError
from palimpsest import Client
from palimpsest.client.errors import ApiError, PalimpsestError
from palimpsest.client.token import TOKEN_VARIABLE, token_file

Url = Annotated[str | None, typer.Option("--url", help="Address of the service; default: the settings' port here.")]


@contextmanager
def connected(url: str | None) -> Iterator[Client]:
    """Yield a connected client; print the service's refusals in plain words."""
    from server.settings import SettingsError, get_settings

    try:
        with Client(url or f"http://127.0.0.1:{get_settings().port}") as client:
            yield client
    except ApiError as error:
        lines = [f"{fault.pointer}: {fault.message}" for fault in error.faults] or [str(error)]
        if error.slug == "unauthenticated":
            lines.append(f"Put a token into the variable {TOKEN_VARIABLE}, or into the file {token_file()}.")
        print("\n".join(lines), file=sys.stderr)
        raise typer.Exit(1) from error
    except (PalimpsestError, SettingsError, ConfigError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
