"""Start a run from a step of another run (EXP-19)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from core.errors import Fault
from core.methods.shared_steps import differing_settings
from server.db import lifecycle
from server.db.lifecycle import Branch, Cause
from server.db.lifecycle.locks import lock_run
from server.db.models import Run, Stage
from server.db.run_scores import keep_scores
from server.db.series_summaries import summarise_shared
from server.db.states import StageState
from server.errors import InvalidRequestError, NotFoundError
from server.schemas.branches import RunBranch
from server.schemas.experiments import ExperimentVerdict
from server.services.experiments import experiments
from server.services.experiments.check import DOCUMENT, CheckedExperiment
from server.storage.base import Storage

AFTER_STEP = "/after_step"
DONE = frozenset({StageState.SUCCEEDED.value, StageState.SKIPPED.value})


def document_of(session: Session, run_id: str) -> dict[str, Any]:
    """Return the document of a run's experiment; raises NotFoundError."""
    return _found(session.get(Run, run_id), run_id).experiment.document


def start(
    session: Session, storage: Storage, run_id: str, checked: CheckedExperiment, body: RunBranch, *, cause: Cause
) -> str:
    """Create a run that shares the first steps of another one, and queue its first own stage; return its id.

    Raises:
        NotFoundError: when there is no such run.
        InvalidRequestError: when the steps are not finished, the settings that count in them differ, or an output was
            removed from storage.
    """
    parent = _found(lock_run(session, run_id), run_id)
    owners = require_shareable(session, storage, parent, checked, body.after_step)
    experiment = experiments.create(session, checked, body, cloned_from=parent.experiment_id)
    branch = Branch(parent.id, owners)
    run = lifecycle.create_run(
        session, experiment, parent.seed, cause=cause, priority=body.priority or 0, branch=branch
    )
    summarise_shared(session, run.id)
    keep_scores(session, run.id)
    return run.id


def check(
    session: Session, storage: Storage, run_id: str, checked: CheckedExperiment, body: RunBranch
) -> ExperimentVerdict:
    """Return the verdict on the document of a branch, and store nothing; raises the errors of `start`."""
    parent = _found(session.get(Run, run_id), run_id)
    require_shareable(session, storage, parent, checked, body.after_step)
    return experiments.dry_run(session, checked)


def require_shareable(
    session: Session, storage: Storage, parent: Run, checked: CheckedExperiment, after_step: int
) -> list[Stage]:
    """Return the stages that own the steps to be shared, with their outputs; raises InvalidRequestError."""
    shared = _shared_stages(parent, after_step)
    _require_equal(parent, checked, after_step, shared[-1].spec["noun"])
    owners = _owners(session, shared)
    _require_outputs(storage, owners, shared, checked)
    return owners


def _found(run: Run | None, run_id: str) -> Run:
    if run is None or run.deleted_at is not None:
        raise NotFoundError("run", run_id)
    return run


def _shared_stages(parent: Run, after_step: int) -> list[Stage]:
    """Return the stages of a run up to a step, all of them finished."""
    last = max(stage.spec["step"] for stage in parent.stages)
    noun = parent.stages[0].spec["noun"]
    if after_step >= last:
        if last == 0:
            raise _refused(f"the run has one {noun}, so nothing is left to do after it; start a run of its own")
        raise _refused(f"the last {noun} of the run is {last}, and a branch must leave one; give 0 to {last - 1}")
    shared = [stage for stage in parent.stages if stage.spec["step"] <= after_step]
    unfinished = next((stage for stage in shared if stage.state not in DONE), None)
    if unfinished is not None:
        raise _refused(
            f"stage {unfinished.index} ({unfinished.name}) of {noun} {unfinished.spec['step']} is {unfinished.state}; "
            f"wait until it has succeeded, or branch after an earlier {noun}",
            "stage_not_finished",
        )
    return shared


def _refused(message: str, code: str = "out_of_range") -> InvalidRequestError:
    return InvalidRequestError.of_faults([Fault(AFTER_STEP, message, code)])


def _require_equal(parent: Run, checked: CheckedExperiment, after_step: int, noun: str) -> None:
    faults = differing_settings(parent.experiment.resolved, checked.resolved.canonical(), after_step, noun)
    before, now = parent.experiment.class_table, experiments.class_table(checked)
    if not faults and before is not None and before != now:
        message = "has other classes than when the run to branch from was created; start a run of its own"
        faults = [Fault("/dataset", message, "classes_changed")]
    if faults:
        raise InvalidRequestError.of_faults(faults, DOCUMENT)


def _owners(session: Session, shared: Sequence[Stage]) -> list[Stage]:
    """Return the stages that own what these stand for, with their outputs."""
    ids = [stage.shared_stage_id or stage.id for stage in shared]
    statement = select(Stage).where(Stage.id.in_(ids)).options(undefer(Stage.outputs))
    by_id = {stage.id: stage for stage in session.scalars(statement.execution_options(populate_existing=True))}
    return [by_id[stage_id] for stage_id in ids]


def _require_outputs(
    storage: Storage, owners: Sequence[Stage], shared: Sequence[Stage], checked: CheckedExperiment
) -> None:
    """Refuse shared stages that do not have what later stages take, or whose files were removed from storage."""
    for stage in checked.plan[len(shared) :]:
        for name, source in stage.inputs.items():
            index, _, output = source.partition("/")
            if int(index) < len(shared) and not (owners[int(index)].outputs or {}).get(output):
                message = (
                    f"stage {stage.index} ({stage.name}) takes {output!r} of stage {index}, which the run to branch "
                    f"from has not left as its input {name!r}; branch from a run of the same method"
                )
                raise InvalidRequestError.of_faults([Fault("/method", message, "output_missing")], DOCUMENT)
    lost = [text for stage, owner in zip(shared, owners, strict=True) for text in _lost(storage, stage, owner)]
    if lost:
        raise _refused(
            f"no longer in storage: {'; '.join(lost[:3])}{' and more' if len(lost) > 3 else ''}. Restore the files, or "
            "start a run of its own",
            "artifact_collected",
        )


def _lost(storage: Storage, stage: Stage, owner: Stage) -> list[str]:
    outputs: Mapping[str, Mapping[str, Any]] = owner.outputs or {}
    return [
        f"{output}{'/' + path if path else ''} of stage {stage.index} ({stage.name}), SHA-256 {file['sha256']}"
        for output, files in outputs.items()
        for path, file in files.items()
        if not storage.exists(file["sha256"])
    ]
