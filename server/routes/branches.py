"""Runs: started from a step of another run."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from server.auth.people import user_cause
from server.db.lifecycle import Cause
from server.dependencies import ModelsDep, RequestId, RunId, SettingsDep
from server.routes.answers import failures
from server.routes.repeatable import RepeatDep, answered, created
from server.schemas.branches import RunBranch
from server.schemas.experiments import ExperimentVerdict
from server.schemas.runs import RunDetail
from server.services.datasets.presence_cache import presence_cache_below
from server.services.experiments.check import CheckedExperiment, check_document
from server.services.experiments.trained_models import TrainedModels
from server.services.idempotency import Answer, carry_out
from server.services.runs import branches, runs
from server.settings import Settings

router = APIRouter(prefix="/runs", tags=["runs"])


@router.post(
    "/{run_id}/branch",
    operation_id="branch_run",
    status_code=201,
    summary="Start a run from a step of this one",
    responses=failures(400, 404, 415, 422),
    response_model=RunDetail,
)
def branch_run(
    run_id: RunId,
    body: RunBranch,
    settings: SettingsDep,
    models: ModelsDep,
    request_id: RequestId,
    repeat: RepeatDep,
) -> Response:
    """Start a run with the seed of this one that takes its steps up to `after_step` as they are, by reference."""
    checked = _checked(run_id, body, models, settings)
    cause = Cause(user_cause(), request_id=request_id)

    def create(session: Session) -> Answer:
        branch_id = branches.start(session, models.storage, run_id, checked, body, cause=cause)
        return created(runs.show(session, branch_id), Location=f"/api/v1/runs/{branch_id}")

    return answered(carry_out(models.database, repeat.of(body), create))


@router.post(
    "/{run_id}/branch-verdict",
    operation_id="check_branch",
    summary="Check a branch of a run",
    responses=failures(400, 404, 415, 422),
)
def check_branch(run_id: RunId, body: RunBranch, models: ModelsDep, settings: SettingsDep) -> ExperimentVerdict:
    """Give the full verdict on a branch, and create nothing; a setting that a shared step reads is refused."""
    checked = _checked(run_id, body, models, settings)
    with models.database.read() as session:
        return branches.check(session, models.storage, run_id, checked, body)


def _checked(run_id: str, body: RunBranch, models: TrainedModels, settings: Settings) -> CheckedExperiment:
    """Return the checked document of a branch, by default that of the run."""
    document = body.document
    if document is None:
        with models.database.read() as session:
            document = branches.document_of(session, run_id)
    return check_document(
        document,
        data_roots=settings.data_roots,
        presence_cache=presence_cache_below(settings.home),
        models=models,
    )
