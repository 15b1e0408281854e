"""Experiments: stored for good once they are checked."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.db.models import Experiment, Run
from server.errors import NotFoundError
from server.schemas.classes import class_labels
from server.schemas.experiments import (
    Deviation,
    ExperimentDetail,
    ExperimentLabels,
    ExperimentSummary,
    ExperimentVerdict,
    PlannedStage,
)
from server.schemas.page import Page
from server.services.experiment_check import CheckedExperiment
from server.services.experiment_classes import classes_of
from server.services.paging import decode_cursor, encode_cursor, split_page


def verdict(checked: CheckedExperiment) -> ExperimentVerdict:
    """Return what follows from a checked document, without storing it."""
    resolved = checked.resolved
    return ExperimentVerdict(
        method=resolved.method,
        preset=resolved.preset,
        preset_version=resolved.preset_version,
        document=dict(resolved.document),
        resolved=resolved.canonical(),
        digest=resolved.digest(),
        deviations=[Deviation.model_validate(deviation) for deviation in resolved.deviations()],
        plan=[PlannedStage.model_validate(stage) for stage in checked.plan],
        classes=class_labels(checked.classes),
        is_scanned=checked.is_scanned,
    )


def create(session: Session, checked: CheckedExperiment, labels: ExperimentLabels) -> Experiment:
    """Store a checked experiment; it never changes, but for its name, tags and notes."""
    facts = verdict(checked)
    experiment = Experiment(
        name=labels.name or facts.preset or facts.method,
        method=facts.method,
        preset=facts.preset,
        preset_version=facts.preset_version,
        document=facts.document,
        resolved=facts.resolved,
        digest=facts.digest,
        deviations=[deviation.model_dump(mode="json") for deviation in facts.deviations],
        plan=[stage.model_dump(mode="json") for stage in checked.plan],
        tags=list(labels.tags),
        notes=labels.notes,
    )
    session.add(experiment)
    session.flush()
    return experiment


def find(session: Session, experiment_id: str) -> Experiment:
    """Return one experiment; raises NotFoundError."""
    experiment = session.get(Experiment, experiment_id)
    if experiment is None:
        raise NotFoundError("experiment", experiment_id)
    return experiment


def detail(experiment: Experiment) -> ExperimentDetail:
    """Return all about one experiment."""
    table = classes_of(experiment.resolved)
    return ExperimentDetail(
        id=experiment.id,
        name=experiment.name,
        method=experiment.method,
        preset=experiment.preset,
        preset_version=experiment.preset_version,
        document=experiment.document,
        resolved=experiment.resolved,
        digest=experiment.digest,
        deviations=experiment.deviations,
        plan=[PlannedStage.model_validate(stage) for stage in experiment.plan],
        classes=class_labels(table) if table is not None else [],
        tags=experiment.tags,
        notes=experiment.notes,
        revision=experiment.revision,
        created_at=experiment.created_at,
    )


def list_page(session: Session, *, method: str | None, cursor: str | None, limit: int) -> Page[ExperimentSummary]:
    """Return one page of experiments, newest first."""
    before = decode_cursor("experiments", cursor, (str,))
    runs = select(func.count()).where(Run.experiment_id == Experiment.id).scalar_subquery()
    statement = select(
        Experiment.id,
        Experiment.name,
        Experiment.method,
        Experiment.preset,
        Experiment.digest,
        Experiment.tags,
        Experiment.created_at,
        runs.label("runs"),
    ).order_by(Experiment.id.desc())
    if method is not None:
        statement = statement.where(Experiment.method == method)
    if before is not None:
        statement = statement.where(Experiment.id < before[0])
    rows, last = split_page(session.execute(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[ExperimentSummary.model_validate(row) for row in rows],
        next_cursor=encode_cursor("experiments", (last.id,)) if last else None,
    )
