"""A service with the built pages and without workers, for rounds that nothing is trained for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.db.session import Database
from server.settings import Settings
from server.shipped import PAGES
from server.storage import LocalStorage
from tests.support.database import make_template, open_copy
from tests.support.serving import Service, application, serve


@dataclass(frozen=True)
class QuietService:
    """What a test of such a page works on.

    Attributes:
        service: the running application.
        database, storage: where tests put their rounds.
    """

    service: Service
    database: Database
    storage: LocalStorage

    def query_of(self, stage_id: str, index: int) -> dict[str, Any]:
        """Return one of the queries of a round."""
        listed = self.service.http.get(f"/stages/{stage_id}/queries").json()["items"]
        return dict(self.service.http.get(f"/queries/{listed[index]['id']}").json())


@contextmanager
def serve_quietly(home: Path) -> Iterator[QuietService]:
    """Serve the pages on an empty database for as long as the context is open."""
    database = open_copy(make_template(home), home / "palimpsest.db")
    settings = Settings.model_validate({"home": home, "sqlite_synchronous": "NORMAL"})
    with serve(application(settings, database, PAGES)) as service:
        yield QuietService(service, database, LocalStorage(settings.storage_folder))
    database.dispose()
