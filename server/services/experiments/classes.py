"""Class names and colours stored with an experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db.models import Experiment, Run
from server.schemas.classes import DatasetClasses


def stored_classes(class_table: Mapping[str, Any] | None) -> DatasetClasses:
    """Return the classes of an experiment's `class_table`; no classes if nothing was stored."""
    return DatasetClasses.model_validate(class_table or {})


def classes_of_run(session: Session, run_id: str) -> DatasetClasses:
    """Return the classes of a run's dataset at the time its experiment was created."""
    statement = select(Experiment.class_table).join(Run, Run.experiment_id == Experiment.id).where(Run.id == run_id)
    return stored_classes(session.scalars(statement).one())
