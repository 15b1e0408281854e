"""STAL round by round: train, select, label, train again (STAL 4.1, 6.4)."""

from __future__ import annotations

from collections.abc import Mapping

from core.acquisition.label_stage import answer_by_oracle
from core.acquisition.pool_values import ValueRule
from core.acquisition.round_data import open_round
from core.acquisition.round_plan import MODEL
from core.acquisition.select_stage import QuerySelector, choose_queries
from core.engine.precision import resolve_precision
from core.engine.resumable import train_resumably
from core.methods.stal.config import StalConfig
from core.methods.stal.label_space import channel_tables
from core.methods.stal.model_files import StalModelRecord, load_teacher, store_models
from core.methods.stal.round_data import open_training
from core.methods.stal.round_evaluation import evaluate_network
from core.methods.stal.round_panels import show_round
from core.methods.stal.scores import RoundOutline, scores_event
from core.methods.stal.teacher import StalTeacher
from core.methods.stal.training import build_state, training_setup
from core.metrics.records import write_confusion
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.active_rounds import TARGET

PREDICTIONS = "predictions"


def train_round(context: StageContext[StalConfig]) -> StageResult:
    """Train student and teacher on all labels so far, the source and the unlabelled images, and test both."""
    config, data = context.config, open_training(context)
    channel_of, raw_of = channel_tables(context.datasets[TARGET].classes, config.data.label_space)
    state = build_state(context, len(raw_of), len(data.unlabelled))
    if config.model.init == "previous_round" and MODEL in context.inputs:
        teacher, _ = load_teacher(context.inputs[MODEL], context.device)
        for network in (state.student, state.teacher):
            network.load_state_dict(teacher.state_dict())
    setup, iteration = training_setup(context, state, data, channel_of)
    train_resumably(context, setup, iteration, config.execution)

    done, index = setup.schedule.iterations, context.spec.stage.step
    show_round(context, state.teacher, raw_of, iteration.networks.dtype, done, index)
    maps = context.folder / ARTIFACT_DIR / PREDICTIONS if config.eval.save_maps != "none" else None
    for split, network, folder in (("val", state.teacher, maps), ("val-student", state.student, None)):
        found = evaluate_network(context, network, (channel_of, raw_of), iteration.networks.dtype, done, folder)
        records = [write_confusion(context.folder, raw_of.tolist(), found.matrix)]
        outline = RoundOutline(split, index, done)
        context.events.tell_scores(scores_event(found.matrix, raw_of, outline, found.restricted, records))
    record = StalModelRecord(
        architecture=config.model,
        raw_ids=tuple(raw_of.tolist()),
        round=index,
        run_id=context.spec.run_id,
        seed=context.spec.seed,
        code_version=code_version(),
    )
    store_models(context.folder / ARTIFACT_DIR / MODEL, state, record)
    written = [MODEL] if maps is None else [MODEL, PREDICTIONS]
    return StageResult(outputs={name: f"{ARTIFACT_DIR}/{name}" for name in written})


def select_queries(context: StageContext[StalConfig]) -> StageResult:
    """Value the pool with the round's teacher and select queries within the budget."""
    config = context.config
    _, raw_of = channel_tables(context.datasets[TARGET].classes, config.data.label_space)
    network, record = load_teacher(context.inputs[MODEL], context.device)
    teacher = StalTeacher(network, resolve_precision(config.execution.precision, context.device))
    rule = ValueRule(config.acquisition, config.data.crop_px, config.eval.batch_size, config.compat.log19)
    selector = QuerySelector(teacher, record.teacher_sha256, raw_of, rule)
    return choose_queries(context, open_round(context, config.data.cache_mib), selector)


STAGES: Mapping[StageKind, StageFunction[StalConfig]] = {
    StageKind.TRAIN: train_round,
    StageKind.SELECT: select_queries,
    StageKind.LABEL: answer_by_oracle,
}
