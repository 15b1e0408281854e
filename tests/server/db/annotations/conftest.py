"""A storage, and a round that waits for people, on each kind of database in turn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from server.db.annotations import LabelFacts, NewAnswer, Submitted, store_labels, submit
from server.db.lifecycle import Cause
from server.db.models import Query, Run, Stage
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.label_rounds import IGNORE, PROPOSAL, LabelMap, filled, make_waiting_round, query_ids
from tests.support.rows import load_run

IMAGES = ("ulm_1", "bonn_2", "ulm_3")
CAUSE = Cause("user:ann")


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    """An empty storage."""
    return LocalStorage(settings.storage_folder)


@dataclass(frozen=True)
class Waiting:
    """A round that waits for people, and how to work in it."""

    database: Database
    storage: LocalStorage
    stage: Stage

    @property
    def ids(self) -> list[str]:
        """Ids of the queries, by rank."""
        return query_ids(self.stage.run_id, IMAGES)

    def query(self, query_id: str) -> Query:
        """Read a query afresh."""
        with self.database.read() as session:
            return session.get_one(Query, query_id)

    def states(self) -> list[str]:
        """Read the states of all queries by rank."""
        return [self.query(query_id).state for query_id in self.ids]

    def run(self) -> Run:
        """Read the run afresh."""
        return load_run(self.database, self.stage.run_id)

    def facts(self, labels: LabelMap) -> LabelFacts:
        """Store labels."""
        return store_labels(self.storage, labels, ignore_id=IGNORE, proposal=filled(PROPOSAL), earlier=None)

    def answer(self, query_id: str, author: str = "ann", value: int = 7, replaces: int | None = None) -> Submitted:
        """Answer a query with one class everywhere."""
        new = NewAnswer(query_id, author, "person", self.facts(filled(value)), 3, 2.5, replaces=replaces)
        with self.database.write() as session:
            return submit(session, new, cause=Cause(f"user:{author}"))


@pytest.fixture
def waiting(any_database: Database, storage: LocalStorage, tmp_path: Path) -> Waiting:
    """A round of three queries about whole images."""
    return Waiting(any_database, storage, make_waiting_round(any_database, storage, tmp_path / "asked", IMAGES))
