"""STAL round by round: train, select, label, train again (spec STAL 4.1, 6.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from core.acquisition.catalog import AcquisitionName, QueryUnit
from core.acquisition.image_choice import Choice, Question, choose_images
from core.acquisition.label_stage import answer_by_oracle
from core.acquisition.part_choice import PartRule, choose_parts
from core.acquisition.pool import Pool
from core.acquisition.pool_values import PoolValues, Valuer, ValueRule, histogram
from core.acquisition.queries import QUERY_FILE, Query, QueryBatch, pool_digest, write_queries
from core.acquisition.query_writing import QueryWriter
from core.data.label_ids import IdTable
from core.data.prefetch import prefetched
from core.engine.precision import resolve_precision
from core.engine.resumable import train_resumably
from core.errors import ConfigError
from core.methods.stal.config import StalConfig
from core.methods.stal.model_files import StalModelRecord, load_teacher, store_models
from core.methods.stal.round_data import RoundData, channel_tables, open_round
from core.methods.stal.round_evaluation import evaluate_network
from core.methods.stal.round_panels import show_round
from core.methods.stal.scores import scores_event
from core.methods.stal.teacher import StalTeacher
from core.methods.stal.training import build_state, training_setup
from core.seeding import SeedComponent, derive_seed, torch_generator
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.events import Queries
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.active_rounds import ActiveRoundsStream

MODEL, QUERIES, ASKED, PREDICTIONS = "model", "queries", "asked", "predictions"
STAGES_PER_ROUND = 3


def train_round(context: StageContext[StalConfig]) -> StageResult:
    """Train student and teacher on all labels so far, the source and the unlabelled images, and test both."""
    stream, config = rounds_of(context), context.config
    data = open_round(context, stream, with_source=True)
    channel_of, raw_of = channel_tables(context.train_set.classes, config.data.label_space)
    state = build_state(context, len(raw_of), len(data.unlabelled))
    if config.model.init == "previous_round" and MODEL in context.inputs:
        teacher, _ = load_teacher(context.inputs[MODEL], context.device)
        for network in (state.student, state.teacher):
            network.load_state_dict(teacher.state_dict())
    setup, iteration = training_setup(context, state, data, channel_of)
    train_resumably(context, setup, iteration, config.execution)

    done, index = setup.schedule.iterations, round_of(context)
    show_round(context, state.teacher, raw_of, iteration.dtype, done, index)
    maps = context.folder / ARTIFACT_DIR / PREDICTIONS if config.eval.save_maps != "none" else None
    for split, network, folder in (("val", state.teacher, maps), ("val-student", state.student, None)):
        found = evaluate_network(context, network, (channel_of, raw_of), iteration.dtype, done, folder)
        event = scores_event(
            found.matrix, raw_of, split=split, round_index=index, iteration=done, restricted=found.restricted
        )
        context.events.tell_scores(event)
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
    """Let the teacher value the pool, choose within the round's budget, and write the queries."""
    stream, config, index = rounds_of(context), context.config, round_of(context)
    data = open_round(context, stream, with_source=False)
    _, raw_of = channel_tables(context.train_set.classes, config.data.label_space)
    teacher, record = load_teacher(context.inputs[MODEL], context.device)
    pool, unit = data.pool(), config.acquisition.query_unit
    rule = ValueRule(config.acquisition, config.data.crop_px, config.eval.batch_size, config.compat.log19)
    dtype = resolve_precision(config.execution.precision, context.device)
    valuer = Valuer(StalTeacher(teacher, dtype), rule, partial(_seed, context))
    out = context.folder / ARTIFACT_DIR
    writer = QueryWriter(out / QUERIES, valuer, raw_of, context.spec.run_id, index, unit)
    values, choice = _ask(context, data, pool, writer)
    queries, shares = _written(pool, choice.questions, writer)
    bins, span = histogram(values.values)
    write_queries(
        out / QUERIES,
        QueryBatch(
            round=index,
            acquisition=config.acquisition.name,
            parameters=config.acquisition.in_use(),
            unit=stream.unit,
            budget=stream.budgets[index],
            seed=context.spec.seed,
            model_sha256=record.teacher_sha256,
            class_ids=raw_of.tolist(),
            ignore_id=context.train_set.classes.ignore_id,
            pool_digest=pool_digest([pool.names[position] for position in pool.open]),
            pool_size=len(pool.open),
            total_images=len(pool.names),
            histogram=bins,
            histogram_range=span,
            pool_pixels=_by_raw_id(raw_of, values.class_pixels),
            queried_pixels=_by_raw_id(raw_of, shares),
            cover_radius=choice.cover_radius,
            queries=queries,
        ),
    )
    context.events.emit(Queries(path=context.relative(out / QUERIES / QUERY_FILE), count=len(queries)))
    context.events.log("info", f"round {index}: {len(queries)} of {len(pool.open)} images are asked about")
    written = [QUERIES] if unit is QueryUnit.IMAGE else [QUERIES, ASKED]
    return StageResult(outputs={name: f"{ARTIFACT_DIR}/{name}" for name in written})


def rounds_of(context: StageContext[StalConfig]) -> ActiveRoundsStream:
    """Return the stream; raises ConfigError when it is of another kind."""
    if not isinstance(context.stream, ActiveRoundsStream):
        raise ConfigError(f"method stal needs a stream of kind active_rounds, not {context.stream.kind}", "/stream")
    return context.stream


def round_of(context: StageContext[StalConfig]) -> int:
    """Return the round of a stage: three stages a round, of which the last has but one."""
    return context.spec.stage.index // STAGES_PER_ROUND


def _ask(
    context: StageContext[StalConfig], data: RoundData, pool: Pool, writer: QueryWriter
) -> tuple[PoolValues, Choice]:
    valuer, stream, index = writer.valuer, rounds_of(context), round_of(context)
    options, amount = context.config.acquisition, stream.budgets[index]
    if options.query_unit is QueryUnit.IMAGE:
        generator = torch_generator(context.spec.seed, context.spec.stage.index, SeedComponent.SELECTION)
        # Core-set needs the labelled images too: they are its first centres.
        needs_all = options.name is AcquisitionName.CORESET
        positions = list(range(len(pool.names))) if needs_all else pool.open
        values = valuer.pool([partial(pool.read, position) for position in positions], generator)
        spread = np.full(len(pool.names), np.nan)
        spread[positions] = values.values
        values = replace(values, values=spread)
        return values, choose_images(pool, values, options, amount, stream.unit)
    answered = {answer.image for answer in data.manifest.answers if answer.round == index - 1}
    now = context.folder / ARTIFACT_DIR / ASKED
    rule = PartRule(options, amount, stream.unit, context.inputs.get(ASKED), now, answered)
    questions, class_pixels = choose_parts(pool, valuer, rule, writer)
    best = np.full(len(pool.names), np.nan)
    for question in questions:
        best[question.position] = question.value
    return PoolValues(best, class_pixels, None), Choice(questions)


def _written(
    pool: Pool, questions: Sequence[Question], writer: QueryWriter
) -> tuple[list[Query], npt.NDArray[np.int64]]:
    """Write what is not written yet; return the queries, and (C,) the pixels asked for by the teacher's class."""
    unread = [question.position for question in questions if question.files is None]
    images = prefetched(partial(pool.read, position) for position in unread)
    queries, shares = [], np.zeros(len(writer.raw_of), np.int64)
    for rank, question in enumerate(questions):
        files = question.files or writer.write_whole(next(images))
        shares += files.class_pixels
        name, group = pool.names[question.position], pool.groups[question.position]
        queries.append(writer.query(name, group, rank, question.value, question.clicks, files))
    return queries, shares


def _seed(context: StageContext[StalConfig], image: str) -> int:
    number = int(pool_digest([image])[:16], 16)
    return derive_seed(context.spec.seed, context.spec.stage.index, SeedComponent.DROPOUT, number)


def _by_raw_id(raw_of: IdTable, counts: npt.NDArray[np.int64]) -> dict[int, int]:
    return {int(raw_id): int(count) for raw_id, count in zip(raw_of, counts, strict=True)}


STAGES: Mapping[StageKind, StageFunction[StalConfig]] = {
    StageKind.TRAIN: train_round,
    StageKind.SELECT: select_queries,
    StageKind.LABEL: answer_by_oracle,
}
