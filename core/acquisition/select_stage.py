"""The `select` stage of all methods with rounds: value the pool, choose within the budget, write the queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.acquisition.catalog import AcquisitionName, QueryUnit
from core.acquisition.image_choice import Choice, ChosenImage, choose_images
from core.acquisition.part_choice import PartRule, choose_parts
from core.acquisition.pool import Pool
from core.acquisition.pool_values import PoolValues, Valuer, ValueRule, histogram
from core.acquisition.queries import QUERY_FILE, Query, QueryBatch, pool_digest, write_queries
from core.acquisition.query_writing import QueryWriter
from core.acquisition.round_data import RoundData, rounds_of
from core.acquisition.round_plan import ASKED, QUERIES
from core.acquisition.teacher import Teacher
from core.data.label_ids import IdTable
from core.data.prefetch import prefetched
from core.seeding import SeedComponent, derive_seed, torch_generator
from core.stage.context import StageContext
from core.stage.events import Queries
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageResult
from core.streams.active_rounds import TARGET


@dataclass(frozen=True)
class QuerySelector:
    """The teacher and the rule that choose the queries.

    Attributes:
        teacher: the method's teacher.
        model_sha256: digest of the teacher's weights.
        raw_of: (C,) channel -> raw id.
        rule: turns the teacher's output into values.
    """

    teacher: Teacher
    model_sha256: str
    raw_of: IdTable
    rule: ValueRule


def choose_queries(context: StageContext[Any], data: RoundData, selector: QuerySelector) -> StageResult:
    """Value the pool with the teacher, choose within the round's budget, and write the queries.

    Raises:
        ConfigError: if the budget cannot be spent on this pool.
        DataError, StorageError: if a file cannot be read.
    """
    stream, index, options = rounds_of(context), context.spec.stage.step, selector.rule.options
    pool, out = data.pool(), context.folder / ARTIFACT_DIR
    valuer = Valuer(selector.teacher, selector.rule, partial(_seed, context))
    writer = QueryWriter(
        out / QUERIES,
        valuer,
        selector.raw_of,
        context.spec.run_id,
        index,
        options.query_unit,
        for_people=stream.oracle == "none",
    )
    values, choice = _choose(context, data, pool, writer)
    queries, shares = _written(pool, choice.images, writer)
    bins, span = histogram(values.values)
    write_queries(
        out / QUERIES,
        QueryBatch(
            round=index,
            acquisition=options.name,
            parameters=options.in_use(),
            unit=stream.unit,
            budget=stream.budgets[index],
            seed=context.spec.seed,
            model_sha256=selector.model_sha256,
            class_ids=selector.raw_of.tolist(),
            ignore_id=context.datasets[TARGET].classes.ignore_id,
            pool_digest=pool_digest([pool.names[position] for position in pool.open]),
            pool_size=len(pool.open),
            total_images=len(pool.names),
            histogram=bins,
            histogram_range=span,
            pool_pixels=_by_raw_id(selector.raw_of, values.class_pixels),
            queried_pixels=_by_raw_id(selector.raw_of, shares),
            cover_radius=choice.cover_radius,
            queries=queries,
        ),
    )
    context.events.emit(Queries(path=context.relative(out / QUERIES / QUERY_FILE), count=len(queries)))
    context.events.log("info", f"round {index}: {len(queries)} of {len(pool.open)} images are queried")
    written = [QUERIES] if options.query_unit is QueryUnit.IMAGE else [QUERIES, ASKED]
    return StageResult(outputs={name: f"{ARTIFACT_DIR}/{name}" for name in written})


def _choose(context: StageContext[Any], data: RoundData, pool: Pool, writer: QueryWriter) -> tuple[PoolValues, Choice]:
    valuer, stream, index = writer.valuer, rounds_of(context), context.spec.stage.step
    options, amount = valuer.rule.options, stream.budgets[index]
    if options.query_unit is QueryUnit.IMAGE:
        generator = torch_generator(context.spec.seed, context.spec.stage.index, SeedComponent.SELECTION)
        # Core-set also needs the labelled images, its first centres.
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
    chosen, class_pixels = choose_parts(pool, valuer, rule, writer)
    best = np.full(len(pool.names), np.nan)
    for one in chosen:
        best[one.position] = one.value
    return PoolValues(best, class_pixels, None), Choice(chosen)


def _written(
    pool: Pool, chosen: Sequence[ChosenImage], writer: QueryWriter
) -> tuple[list[Query], npt.NDArray[np.int64]]:
    """Write the missing files; return the queries, and (C,) the queried pixels by the teacher's class."""
    unread = [one.position for one in chosen if one.files is None]
    images = prefetched(partial(pool.read, position) for position in unread)
    queries, shares = [], np.zeros(len(writer.raw_of), np.int64)
    for rank, one in enumerate(chosen):
        files = one.files or writer.write_whole(next(images))
        shares += files.class_pixels
        name, group = pool.names[one.position], pool.groups[one.position]
        queries.append(writer.query(name, group, rank, one.value, one.clicks, files))
    return queries, shares


def _seed(context: StageContext[Any], image: str) -> int:
    number = int(pool_digest([image])[:16], 16)
    return derive_seed(context.spec.seed, context.spec.stage.index, SeedComponent.DROPOUT, number)


def _by_raw_id(raw_of: IdTable, counts: npt.NDArray[np.int64]) -> dict[int, int]:
    return {int(raw_id): int(count) for raw_id, count in zip(raw_of, counts, strict=True)}
