"""Check, store, list and show experiments. A stored experiment is immutable."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.errors import Fault
from core.methods.checkpoints import StageCheckpoint
from core.streams.base import TaskStream
from core.streams.catalog import stored_stream
from server.db.clock import DatabaseTime
from server.db.models import Experiment, Run
from server.errors import InvalidRequestError, NotFoundError
from server.schemas.classes import classes_of_table
from server.schemas.experiments import (
    Deviation,
    ExperimentDetail,
    ExperimentLabels,
    ExperimentPatch,
    ExperimentVerdict,
    LabelWork,
    PlannedStage,
)
from server.services.experiments.check import CheckedExperiment
from server.services.experiments.classes import stored_classes
from server.services.experiments.dataset_verdicts import named_datasets, scan_warnings
from server.services.experiments.duplicates import duplicates_of
from server.services.experiments.tags import tag_rows
from server.services.experiments.warnings import warnings_of
from server.services.revisions import require_match


def verdict(checked: CheckedExperiment) -> ExperimentVerdict:
    """Return the verdict on a checked document, without storing it."""
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
        classes_per_step=_classes_per_step(resolved.stream),
        labels_per_step=_labels_per_step(resolved.stream),
        classes=classes_of_table(checked.classes).labels,
        is_scanned=checked.is_scanned,
    )


def dry_run(session: Session, checked: CheckedExperiment) -> ExperimentVerdict:
    """Return the verdict with warnings and duplicates to check before the launch."""
    found = verdict(checked)
    found.warnings = warnings_of(checked, list(scan_warnings(session, checked)))
    found.datasets = named_datasets(session, checked)
    found.duplicates = duplicates_of(session, found.digest)
    return found


def create(
    session: Session, checked: CheckedExperiment, labels: ExperimentLabels, *, cloned_from: str | None = None
) -> Experiment:
    """Store a checked experiment; only its name, tags and notes may change later.

    Raises:
        InvalidRequestError: when the experiment `cloned_from` does not exist.
    """
    if cloned_from is not None and session.get(Experiment, cloned_from) is None:
        fault = Fault("/cloned_from", f"there is no experiment {cloned_from!r}", "unknown_experiment")
        raise InvalidRequestError.of_faults([fault])
    facts = verdict(checked)
    experiment = Experiment(
        name=labels.name or facts.preset or facts.method,
        method=facts.method,
        dataset=checked.resolved.dataset.label,
        stream=checked.resolved.stream.label(),
        preset=facts.preset,
        preset_version=facts.preset_version,
        document=facts.document,
        resolved=facts.resolved,
        digest=facts.digest,
        deviations=[deviation.model_dump(mode="json") for deviation in facts.deviations],
        plan=[stage.model_dump(mode="json") for stage in checked.plan],
        class_table=class_table(checked),
        tags=tag_rows(labels.tags),
        notes=labels.notes,
        cloned_from=cloned_from,
        tests_stage_id=_tested_stage(checked),
    )
    session.add(experiment)
    session.flush()
    return experiment


def class_table(checked: CheckedExperiment) -> dict[str, Any]:
    """Return the classes of an experiment's own dataset as they are stored with it."""
    return classes_of_table(checked.classes).model_dump(mode="json")


def _tested_stage(checked: CheckedExperiment) -> str | None:
    named = checked.resolved.config.named_checkpoint()
    return named.stage if isinstance(named, StageCheckpoint) else None


def find(session: Session, experiment_id: str) -> Experiment:
    """Return one experiment; raises NotFoundError."""
    experiment = session.get(Experiment, experiment_id)
    if experiment is None:
        raise NotFoundError("experiment", experiment_id)
    return experiment


def patch(session: Session, experiment_id: str, body: ExperimentPatch, *, if_match: str | None) -> ExperimentDetail:
    """Change name, tags or notes.

    Raises:
        NotFoundError: when there is no such experiment.
        PreconditionRequiredError, RevisionMismatchError: see `require_match`.
    """
    experiment = session.get(Experiment, experiment_id, with_for_update=True)
    if experiment is None:
        raise NotFoundError("experiment", experiment_id)
    require_match(if_match, experiment.revision)
    given = body.model_dump(include=body.model_fields_set)
    if "name" in given:
        experiment.name = body.name or experiment.preset or experiment.method
    if "tags" in given:
        experiment.tags = tag_rows(body.tags or ())
    if "notes" in given:
        experiment.notes = body.notes or ""
    experiment.revision += 1
    of_experiment = update(Run).where(Run.experiment_id == experiment_id)
    session.execute(of_experiment.values(changed_at=DatabaseTime()).execution_options(synchronize_session=False))
    session.flush()
    return detail(experiment)


def detail(experiment: Experiment) -> ExperimentDetail:
    """Return one experiment in full."""
    stream = stored_stream(experiment.resolved["stream"])
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
        classes_per_step=_classes_per_step(stream),
        labels_per_step=_labels_per_step(stream),
        classes=stored_classes(experiment.class_table).labels,
        tags=[tag.text for tag in experiment.tags],
        notes=experiment.notes,
        cloned_from=experiment.cloned_from,
        revision=experiment.revision,
        created_at=experiment.created_at,
    )


def _classes_per_step(stream: TaskStream | None) -> list[list[int]]:
    return [list(classes) for classes in stream.classes_per_step] if stream is not None else []


def _labels_per_step(stream: TaskStream | None) -> list[LabelWork]:
    return [LabelWork.model_validate(work) for work in stream.labels_per_step] if stream is not None else []
