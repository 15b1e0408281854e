"""The test rule of a run's models in words, shown next to their scores."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.methods.catalog import METHODS, config_class
from server.db.models import Experiment, Run
from server.schemas.classes import DatasetClasses


def rule_in_words(session: Session, run_id: str, classes: DatasetClasses) -> str:
    """Return the method's test rule; empty if the method no longer exists or its settings have changed."""
    statement = select(Experiment.method, Experiment.resolved).join(Run, Run.experiment_id == Experiment.id)
    method, resolved = session.execute(statement.where(Run.id == run_id)).one()
    if method not in METHODS:
        return ""
    try:
        config = config_class(method).model_validate(resolved.get("config", {}))
    except ValidationError:
        return ""
    return config.testing_in_words(classes.has_background is not False)
