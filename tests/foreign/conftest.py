"""A database and settings, as the tests of the server have them."""

from __future__ import annotations

from tests.server.conftest import database, database_template, settings

__all__ = ["database", "database_template", "settings"]
