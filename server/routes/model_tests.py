"""Tests of trained models on other data."""

from __future__ import annotations

from fastapi import APIRouter

from server.dependencies import DatabaseDep, ModelsDep, RunId, StageId
from server.routes.answers import failures
from server.schemas.model_tests import ModelTestDraft, ModelTests
from server.services.runs import model_tests

router = APIRouter(tags=["runs"])


@router.get(
    "/stages/{stage_id}/model-test",
    operation_id="draft_model_test",
    summary="Draft of a test of a stage's model",
    responses=failures(404),
)
def draft_model_test(stage_id: StageId, database: DatabaseDep, models: ModelsDep) -> ModelTestDraft:
    """Return the document of an experiment that tests the model of a finished stage on the test sets of its own run."""
    with database.read() as session:
        return model_tests.draft(session, stage_id, models)


@router.get(
    "/runs/{run_id}/model-tests",
    operation_id="list_model_tests",
    summary="Tests of a run's models",
    responses=failures(404),
)
def list_model_tests(run_id: RunId, database: DatabaseDep) -> ModelTests:
    """Return which model this run tests, and which runs test the models of this one."""
    with database.read() as session:
        return model_tests.of_run(session, run_id)
