"""The model of a continual step: grow it from the previous step's model, test it, store it for the next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from core.engine.precision import resolve_precision
from core.engine.sections import ExecutionConfig
from core.errors import StorageError
from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import EvalConfig, Heads, ModelConfig
from core.methods.class_incremental.evaluation import EvaluationOutline, confusion_matrix, scores_event
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.idle_settings import StepSettings
from core.methods.class_incremental.initial_weights import InitNew, initialise_new_head, load_previous_step
from core.methods.class_incremental.model_store import ModelRecord, StoredModel, load_model, save_model
from core.methods.class_incremental.step_data import dataset_of, has_background, open_test_batches, stream_of
from core.methods.class_incremental.step_panels import show_panels
from core.metrics.records import write_confusion
from core.metrics.rules import DecisionRule
from core.models.initialise import load_backbone_weights
from core.models.parameters import parameter_count
from core.seeding import SeedComponent, derive_seed, torch_generator
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.streams.step import Step

MODEL_OUTPUT = "model"


class StepConfig(StepSettings, Protocol):
    """The settings needed to build, test and store the model of a step."""

    @property
    def eval(self) -> EvalConfig: ...
    @property
    def execution(self) -> ExecutionConfig: ...
    @property
    def init_new(self) -> InitNew: ...
    @property
    def heads(self) -> Heads: ...


def step_of(context: StageContext[Any]) -> Step:
    """Return the continual step of a training stage; each step has one stage."""
    return stream_of(context).step(context.spec.stage.step)


def load_previous_model(context: StageContext[Any], step: Step) -> StoredModel | None:
    """Return the previous step's model, or None at the base step.

    Raises:
        StorageError: if the model cannot be read, or its classes are not those before this step.
    """
    if step.index == 0:
        return None
    stored = load_model(context.inputs[MODEL_OUTPUT])
    if stored.record.learning_order != step.old_classes:
        raise StorageError(
            f"{context.inputs[MODEL_OUTPUT]}: the model knows the classes {stored.record.learning_order}, but those "
            f"before step {step.index} are {step.old_classes}; give the model of the same stream's step before"
        )
    return stored


def grow_model(context: StageContext[Any], config: StepConfig, previous: StoredModel | None) -> SegmentationModel:
    """Build the model of a step on the device, in training mode.

    The base step starts from random weights or from an operator's file of backbone weights. A later step starts from
    the previous model and adds one head (EIR 3).

    Raises:
        ConfigError: if the file of backbone weights cannot be used.
        StorageError: if the previous model is of another architecture.
    """
    step, spec = step_of(context), context.spec
    seed = derive_seed(spec.seed, spec.stage.index, SeedComponent.INIT)
    model = build_model(config.model, classes_per_step(context, step), seed, config.heads)
    if previous is not None:
        try:
            load_previous_step(model, previous.weights)
        except ValueError as error:
            raise StorageError(f"{context.inputs[MODEL_OUTPUT]}: {error}") from error
        draws = torch_generator(spec.seed, spec.stage.index, SeedComponent.INIT, step.index)
        initialise_new_head(model, config.init_new, draws)
    elif config.model.backbone_weights is not None:
        load_backbone_weights(model.backbone, Path(config.model.backbone_weights))
    model.to(context.device)
    if config.optim.freeze_bn and step.index:
        # Batch statistics of this step's images would shift the features that the old heads read.
        model.freeze()
    return model.train()


def random_start(config: StepConfig, step: Step) -> tuple[str, ...]:
    """Return the deviation note for random weights where the publication uses ImageNet weights."""
    if step.index or config.model.backbone_weights is not None or config.model.name == "tiny":
        return ()
    return ("trained from random weights: model.backbone_weights names no file of ImageNet weights",)


def evaluate_step(context: StageContext[Any], config: StepConfig, model: SegmentationModel, iterations: int) -> None:
    """Test on all classes seen; emit prediction panels and scores."""
    step = step_of(context)
    batches = open_test_batches(context, step, config.data, config.eval, iterations)
    dtype = resolve_precision(config.execution.precision, context.device)
    matrix = confusion_matrix(model, batches, rule_of(context, config), context.device, dtype)
    outline = EvaluationOutline(
        step=step.index,
        iteration=iterations,
        learning_order=step.seen_classes,
        classes_per_step=classes_per_step(context, step),
        has_background=has_background(dataset_of(context).classes),
    )
    # Panels come first: a reader who receives the scores must find the panels.
    show_panels(context, config, model, step, iterations)
    record = write_confusion(context.folder, outline.channels, matrix)
    context.events.tell_scores(scores_event(outline, matrix, [record]))


def store_step_model(context: StageContext[Any], config: StepConfig, model: SegmentationModel) -> str:
    """Write the step's model to `artifacts/model`; return this path, relative to the stage folder."""
    step, spec = step_of(context), context.spec
    record = ModelRecord(
        method=spec.method,
        architecture=ModelConfig.model_validate(config.model.model_dump()),
        heads=config.heads,
        classes_per_step=classes_per_step(context, step),
        learning_order=step.seen_classes,
        step=step.index,
        rule=rule_of(context, config),
        parameters=parameter_count(model),
        run_id=spec.run_id,
        seed=spec.seed,
        code_version=code_version(),
    )
    save_model(context.folder / ARTIFACT_DIR / MODEL_OUTPUT, model, record)
    return f"{ARTIFACT_DIR}/{MODEL_OUTPUT}"


def rule_of(context: StageContext[Any], config: StepConfig) -> DecisionRule:
    """Return the rule that turns logits into a class on this stage's data."""
    return config.eval.decision_rule(has_background(dataset_of(context).classes))


def classes_per_step(context: StageContext[Any], step: Step) -> tuple[int, ...]:
    """Return |N_s| of each step up to this one."""
    return tuple(len(classes) for classes in stream_of(context).steps[: step.index + 1])
