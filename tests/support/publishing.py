"""Attempts at a select stage that publishes queries, and the death of a worker in the middle of it (REC-19)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from core.acquisition.queries import QUERY_FILE
from core.stage.events import EventWriter, Queries
from core.stage.folder import EVENTS_FILE
from server.db import lifecycle
from server.db.models import Query, QueryBatch, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import finish_stage, make_rounds_run, write_batch
from tests.support.rows import load_run, make_claim
from worker.ingest import Ingestor

IMAGES = ("ulm_1", "bonn_2", "ulm_3")


class Killed(BaseException):
    """Nothing catches the death of a process."""


class Attempts:
    """Attempts at one select stage, each in a folder of its own, that all ask the same."""

    def __init__(self, database: Database, storage: LocalStorage, folder: Path) -> None:
        self._database, self._storage, self._folder = database, storage, folder
        run = make_rounds_run(database)
        finish_stage(database, run.stages[0])
        self.run_id, self._select = run.id, run.stages[1]

    def begin(self, number: int) -> Ingestor:
        """Claim the stage, and let its process write a batch; return what takes it in."""
        folder = self._folder / f"attempt-{number}"
        write_batch(folder / "artifacts/queries", self.run_id, IMAGES)
        writer = EventWriter(folder / EVENTS_FILE)
        writer.emit(Queries(path=f"artifacts/queries/{QUERY_FILE}", count=len(IMAGES)))
        writer.close()
        self.lease = make_claim(self._database, self._select).lease
        return Ingestor(self._database, self._storage, self.lease, folder)

    def lose(self) -> None:
        """Find that the attempt's worker is gone: the stage is queued again."""
        with self._database.write() as session:
            lifecycle.settle_lost(session, self.lease)

    def end(self) -> Stage:
        """End the stage well; return the label stage behind it."""
        with self._database.write() as session:
            lifecycle.settle_succeeded(session, self.lease, {})
        return load_run(self._database, self.run_id).stages[2]

    def rows(self) -> tuple[int, int]:
        """Count batches and queries."""
        with self._database.read() as session:
            counts = [session.scalar(select(func.count()).select_from(table)) for table in (QueryBatch, Query)]
        return counts[0] or 0, counts[1] or 0


@contextmanager
def killed_at(moment: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kill whoever publishes between two blobs, between the two kinds of rows, or before the commit."""
    stored: list[Path] = []
    put_file = LocalStorage.put_file

    def on_file(self: LocalStorage, path: Path, **options: Any) -> str:
        stored.append(path)
        if moment == "storing" and len(stored) == 4:
            raise Killed
        return put_file(self, path, **options)

    def on_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if moment == "inserting" and statement.replace('"', "").startswith("INSERT INTO query ("):
            raise Killed

    def on_commit(_session: Session) -> None:
        if moment == "committing":
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "put_file", on_file)
        event.listen(Engine, "before_cursor_execute", on_statement)
        event.listen(Session, "before_commit", on_commit)
        try:
            with pytest.raises(Killed):
                yield
        finally:
            event.remove(Engine, "before_cursor_execute", on_statement)
            event.remove(Session, "before_commit", on_commit)
