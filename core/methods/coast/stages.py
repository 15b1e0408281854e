"""CoaST: the warm-up aligns a classifier with each target; in self-training they teach one another (CoaST 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.engine.resumable import train_resumably
from core.methods.coast.config import CoastConfig
from core.methods.coast.domains import domains_of
from core.methods.coast.evaluation import OTHER, TESTED, show_targets, tell_source, tell_targets
from core.methods.coast.model_files import Which, load_model, store_model
from core.methods.coast.plan import MODEL, SELF_TRAINING, WARM_UP
from core.methods.coast.self_training_setup import build_self_training, self_training_setup
from core.methods.coast.training_parts import model_record, tester_of
from core.methods.coast.warm_up_training import build_warm_up, test_head, warm_up_setup
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def warm_up(context: StageContext[CoastConfig]) -> StageResult:
    """Train one classifier per target on the source, and align its predictions with a discriminator."""
    domains, config = domains_of(context), context.config
    state = build_warm_up(context, domains)
    setup, iteration = warm_up_setup(context, domains, state)
    train_resumably(context, setup, iteration, config.execution)

    done, tester = config.warm_up.iterations, tester_of(context, domains, test_head(config))
    store_model(context.folder / ARTIFACT_DIR / MODEL, state.network, model_record(context, domains, state.network))
    show_targets(tester, state.network, done)
    tell_targets(tester, state.network, TESTED, done)
    tell_source(tester, state.network, done)
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def self_train(context: StageContext[CoastConfig]) -> StageResult:
    """Train all classifiers on others' styles and rectified pseudo-labels; distil them into an agnostic classifier."""
    domains, config = domains_of(context), context.config
    network = build_self_training(context, domains)
    setup, iteration, best = self_training_setup(context, domains, network)
    train_resumably(context, setup, iteration, config.execution)

    done, folder = config.self_training.iterations, context.folder / ARTIFACT_DIR / MODEL
    better = best.path if best.iteration != done else None
    kept, rest = kept_and_other(config.eval.keep if better is not None else "last")
    record = model_record(context, domains, network)
    record = record.model_copy(update={"kept": kept, "best_iteration": best.iteration})
    store_model(folder, network, record, better)
    tester = tester_of(context, domains, config.eval.head)
    iterations: Mapping[Which, int] = {"last": done, "best": best.iteration or done}
    counted, _ = load_model(folder, context.device, kept)
    show_targets(tester, counted, iterations[kept])
    tell_targets(tester, counted, TESTED, iterations[kept])
    tell_source(tester, counted, iterations[kept])
    if better is not None:
        other, _ = load_model(folder, context.device, rest)
        tell_targets(tester, other, OTHER, iterations[rest])
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def kept_and_other(kept: Which) -> tuple[Which, Which]:
    """Return the kept weights and the other ones."""
    return ("best", "last") if kept == "best" else ("last", "best")


TRAININGS: Mapping[str, Callable[[StageContext[CoastConfig]], StageResult]] = {
    WARM_UP: warm_up,
    SELF_TRAINING: self_train,
}


def train_stage(context: StageContext[CoastConfig]) -> StageResult:
    """Run the training that the stage's name says."""
    return TRAININGS[context.spec.stage.name](context)


STAGES: Mapping[StageKind, StageFunction[CoastConfig]] = {StageKind.TRAIN: train_stage}
