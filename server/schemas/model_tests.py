"""Tests of trained models: a draft to launch one from, and the tests of a run's models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from server.db.states import RunState
from server.schemas.values import Moment


class ModelTestDraft(BaseModel):
    """An experiment document that tests a stage's trained model as it was tested after its training."""

    name: str = Field(description="A name for the experiment.")
    document: dict[str, Any] = Field(
        description="To be changed where other data or options are wanted, and then submitted to `POST /runs` or "
        "`POST /experiments`."
    )


class TestedStage(BaseModel):
    """The stage whose trained model a run tests."""

    stage_id: str
    stage_index: int
    stage_name: str
    run_id: str
    experiment_name: str
    seed: int


class ModelTestRun(BaseModel):
    """A run that tests the trained model of a stage."""

    stage_id: str = Field(description="The stage that trained the model.")
    run_id: str
    experiment_name: str
    stream: str = Field(description="The test sets, such as `on city-c + night`.")
    state: RunState
    score: float | None = Field(description="Headline of the test; null while there is none.")
    score_name: str
    created_at: Moment


class ModelTests(BaseModel):
    """What a run tests, and what tests its trained models."""

    can_test: bool = Field(description="Whether trained models of the run's method can be tested on other data.")
    tested: TestedStage | None = Field(description="The stage whose model this run tests; null for other runs.")
    items: list[ModelTestRun] = Field(description="The newest 100 runs that test a model of this run, newest first.")
