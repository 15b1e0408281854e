"""SemSeg: learn the known classes, then find known and unknown objects (SemSeg 4 to 6)."""

from __future__ import annotations

from collections.abc import Mapping

from core.engine.resumable import train_resumably
from core.methods.semseg.config import SemsegConfig
from core.methods.semseg.evaluation import evaluate_all, stream_of
from core.methods.semseg.iteration import TrainingIteration
from core.methods.semseg.model_files import ModelRecord, load_model, store_model
from core.methods.semseg.networks import build_detector
from core.methods.semseg.plan import MODEL
from core.methods.semseg.testing import SemsegFinder, Tester
from core.methods.semseg.training import training_setup
from core.seeding import SeedComponent, derive_seed
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.base import MAIN


def learn(context: StageContext[SemsegConfig]) -> StageResult:
    """Train the detector on the objects of known classes. Unknown objects are visible but unlabelled."""
    config, classes = context.config, context.datasets[MAIN].classes
    known = stream_of(context).split_of(classes).known
    seed = derive_seed(context.spec.seed, context.spec.stage.index, SeedComponent.INIT)
    model = build_detector(config.model, len(known), seed).to(context.device)
    setup, optimizer = training_setup(context, config, model, known, SemsegFinder(model, config))
    train_resumably(context, setup, TrainingIteration(model, optimizer, config, context.device), config.execution)
    names = {raw_id: classes.names[raw_id] for raw_id in known}
    record = ModelRecord(options=config.model, known=names, iterations=config.iterations)
    store_model(context.folder / ARTIFACT_DIR / MODEL, model, record)
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def evaluate(context: StageContext[SemsegConfig]) -> StageResult:
    """Find the objects of every test set; score each set, and all sets together."""
    model, record = load_model(context.inputs[MODEL], context.device)
    known = tuple(record.known)
    evaluate_all(context, Tester(SemsegFinder(model, context.config), context.config, known, context.device))
    return StageResult(outputs={})


STAGES: Mapping[StageKind, StageFunction[SemsegConfig]] = {StageKind.TRAIN: learn, StageKind.EVALUATE: evaluate}
