"""Runs that test trained models, and drafts of them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core.errors import ConfigError
from core.methods.catalog import METHODS, scoring_of
from core.methods.checkpoints import StoredModel
from core.model_test_document import model_test_document
from server.db.models import Experiment, Run, Stage
from server.db.states import RunState
from server.errors import NotFoundError
from server.schemas.model_tests import ModelTestDraft, ModelTestRun, ModelTests, TestedStage
from server.services.experiments.trained_models import TrainedModels, find_trained
from server.services.runs import runs

MOST_TESTS = 100


def draft(session: Session, stage_id: str, models: TrainedModels) -> ModelTestDraft:
    """Return the document that tests a stage's trained model as it was tested after its training.

    Raises:
        NotFoundError: when the stage has left no model that can be tested.
    """
    try:
        stage = find_trained(session, stage_id)
        model = models.read_stage(stage)
        document = model_test_document(model, {"stage": stage_id})
    except ConfigError as error:
        raise NotFoundError("trained model of stage", stage_id, f": {error.message}") from error
    return ModelTestDraft(name=_name(session, stage, model), document=document)


def of_run(session: Session, run_id: str) -> ModelTests:
    """Return what a run tests, and the runs that test its models; raises NotFoundError."""
    runs.require(session, run_id)
    experiment = session.get_one(Run, run_id).experiment
    return ModelTests(
        can_test=can_test(experiment.method),
        tested=_tested(session, experiment.tests_stage_id),
        items=_tests(session, run_id),
    )


def can_test(method: str) -> bool:
    """Return whether trained models of a method can be tested on other data."""
    return method in METHODS and METHODS[method].tests is not None


def _name(session: Session, stage: Stage, model: StoredModel) -> str:
    run = session.get_one(Run, stage.run_id)
    return f"test of {model.card.stage.name}, {run.experiment.name}, seed {run.seed}"


def _tested(session: Session, stage_id: str | None) -> TestedStage | None:
    stage = None if stage_id is None else session.get(Stage, stage_id)
    if stage is None:
        return None
    run = session.get_one(Run, stage.run_id)
    return TestedStage(
        stage_id=stage.id,
        stage_index=stage.index,
        stage_name=stage.name,
        run_id=run.id,
        experiment_name=run.experiment.name,
        seed=run.seed,
    )


def _tests(session: Session, run_id: str) -> list[ModelTestRun]:
    stages = select(Stage.id).where(Stage.run_id == run_id)
    statement = (
        select(Run)
        .join(Experiment, Run.experiment_id == Experiment.id)
        .where(Experiment.tests_stage_id.in_(stages), Run.deleted_at.is_(None))
        .options(
            joinedload(Run.experiment).load_only(
                Experiment.name, Experiment.method, Experiment.stream, Experiment.tests_stage_id
            )
        )
        .order_by(Run.id.desc())
        .limit(MOST_TESTS)
    )
    return [
        ModelTestRun(
            stage_id=str(run.experiment.tests_stage_id),
            run_id=run.id,
            experiment_name=run.experiment.name,
            stream=run.experiment.stream,
            state=RunState(run.state),
            score=run.last_score,
            score_name=scoring_of(run.experiment.method).headline.title,
            created_at=run.created_at,
        )
        for run in session.scalars(statement)
    ]
