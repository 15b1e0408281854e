"""Runs for tests of their list: one experiment each, with whatever a column or a filter looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from server.db import lifecycle
from server.db.models import Run
from server.db.session import Database
from server.services.experiments.tags import tag_rows
from tests.support.rows import USER, make_experiment


@dataclass(frozen=True)
class Listed:
    """What a run is listed with; `columns` are set on the run's row itself."""

    name: str = "test"
    method: str = "eir"
    dataset: str = "objects"
    notes: str = ""
    tags: tuple[str, ...] = ()
    seed: int = 0


def add_run(database: Database, listed: Listed | None = None, **columns: Any) -> str:
    """Commit a queued run of a new experiment, with these columns, and return its id."""
    facts = listed or Listed()
    with database.write() as session:
        experiment = make_experiment(session, name=facts.name, method=facts.method)
        experiment.dataset, experiment.notes = facts.dataset, facts.notes
        experiment.tags = tag_rows(facts.tags)
        run_id = lifecycle.create_run(session, experiment, facts.seed, cause=USER).id
        session.flush()
        if columns:
            session.execute(update(Run).where(Run.id == run_id).values(columns))
    return run_id
