"""Windows and pixels of images: how many are asked for, where, and what becomes of unanswered ones."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.acquisition.manifest import AnsweredQuery, join_answers, manifest_bytes
from core.acquisition.oracle import answer_queries
from core.acquisition.queries import QueryBatch, read_queries
from core.data.decoding import read_label
from core.methods.stal.config import StalConfig
from core.methods.stal.stages import select_queries
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.streams.active_rounds import TARGET
from tests.support.rounds import round_context, select_context

BoolMap = npt.NDArray[np.bool_]
HALF_TWICE: dict[str, Any] = {"budgets": [50, 50], "unit": "percent_pixels_per_image"}
WINDOWS: dict[str, Any] = {"name": "ripu_ra", "radius": 1}


def queries_of(folder: Path) -> QueryBatch:
    return read_queries(folder / ARTIFACT_DIR / "queries")


def asked_pixels(folder: Path) -> dict[str, BoolMap]:
    found = queries_of(folder).queries
    return {query.image: read_label(folder / ARTIFACT_DIR / "queries" / str(query.mask)) > 0 for query in found}


def first_round(folder: Path) -> StageContext[StalConfig]:
    context = select_context(folder / "first", folder / "model", HALF_TWICE, acquisition=WINDOWS)
    select_queries(context)
    return context


def second_round(folder: Path, answered: list[AnsweredQuery], set_aside: list[str] | None = None) -> dict[str, BoolMap]:
    """Ask again after a round that ended with some answers; returns what is asked."""
    manifest = join_answers(folder / "labels", answered)
    if set_aside:
        data = manifest_bytes(manifest.model_copy(update={"set_aside": set_aside}))
        (folder / "labels" / "manifest.json").write_bytes(data)
    inputs = {
        "model": folder / "model" / ARTIFACT_DIR / "model",
        "labels": folder / "labels",
        "asked": folder / "first" / ARTIFACT_DIR / "asked",
    }
    context = round_context(folder / "second", index=4, stream=HALF_TWICE, inputs=inputs, acquisition=WINDOWS)
    select_queries(context)
    return asked_pixels(folder / "second")


def answers_of(context: StageContext[StalConfig]) -> list[AnsweredQuery]:
    batch = queries_of(context.folder)
    return list(answer_queries(batch, context.folder / ARTIFACT_DIR / "queries", context.datasets[TARGET].train))


def test_windows_that_nobody_answered_return_to_the_pool_and_answered_ones_do_not(tmp_path: Path) -> None:
    context = first_round(tmp_path)
    answered, *unanswered = answers_of(context)

    before, after = asked_pixels(context.folder), second_round(tmp_path, [answered])

    name = answered.answer.image
    assert not (before[name] & after.get(name, np.zeros_like(before[name]))).any()
    # The same teacher asks the same of an image about which it has learned nothing.
    for other in unanswered:
        assert np.array_equal(before[other.answer.image], after[other.answer.image])


def test_an_image_that_was_set_aside_is_left_out_once_and_keeps_its_state(tmp_path: Path) -> None:
    context = first_round(tmp_path)
    name = queries_of(context.folder).queries[0].image

    after = second_round(tmp_path, [], [name])

    assert sorted(after) == sorted(query.image for query in queries_of(context.folder).queries[1:])
    states = {file.name for file in (tmp_path / "second" / ARTIFACT_DIR / "asked").iterdir()}
    assert len([state for state in states if ".unasked" not in state]) == len(after) + 1


def test_regions_are_scored_over_ln_19_where_the_reference_is_followed(tmp_path: Path) -> None:
    """Of five classes: both factors of the score are divided by ln 19 instead of ln 5."""
    values = []
    for is_on in (False, True):
        folder = tmp_path / str(is_on)
        compat = {"log19": is_on}
        select_queries(select_context(folder, tmp_path / "model", HALF_TWICE, acquisition=WINDOWS, compat=compat))
        values.append({query.image: query.value for query in queries_of(folder).queries})

    ratio = (math.log(5) / math.log(19)) ** 2
    assert values[1] == pytest.approx({image: ratio * value for image, value in values[0].items()}, rel=1e-5)


def test_a_pool_of_which_everything_was_asked_ends_in_a_round_without_queries(tmp_path: Path) -> None:
    stream = HALF_TWICE | {"budgets": [99, 1]}
    context = select_context(tmp_path / "first", tmp_path / "model", stream, acquisition=WINDOWS)
    select_queries(context)

    assert second_round(tmp_path, answers_of(context)) == {}
    assert queries_of(tmp_path / "second").pool_size == 4


@pytest.mark.parametrize("name", ["random", "entropy", "least_confidence", "margin", "bvsb", "mc_entropy", "bald"])
@pytest.mark.parametrize("unit", ["region", "pixel"])
def test_functions_with_values_of_pixels_ask_for_parts_too(tmp_path: Path, name: str, unit: str) -> None:
    stream = {"budgets": [3], "unit": "regions"}
    options = {"name": name, "unit": unit, "radius": 2, "passes": 2}
    for attempt in ("one", "two"):
        select_queries(select_context(tmp_path / attempt, tmp_path / "model", stream, acquisition=options))

    batch = queries_of(tmp_path / "one")
    assert batch == queries_of(tmp_path / "two")
    assert [(query.unit, query.clicks) for query in batch.queries] == [(unit, 3)] * 4
    assert batch.parameters["unit"] == unit
    largest = 3 * 25 if unit == "region" else 3
    assert all(0 < mask.sum() <= largest for mask in asked_pixels(tmp_path / "one").values())


def test_pixels_are_asked_for_one_by_one_and_apart(tmp_path: Path) -> None:
    stream = {"budgets": [7], "unit": "pixels"}
    context = select_context(tmp_path / "ask", tmp_path / "model", stream, acquisition={"name": "ripu_pa", "radius": 2})

    select_queries(context)

    batch = read_queries(tmp_path / "ask" / ARTIFACT_DIR / "queries")
    # 7 pixels of 1024; as 7/1024 of the area that is 7 again, and not 8 for a rounding error.
    assert [(query.pixels, query.clicks) for query in batch.queries] == [(7, 7)] * 4
    mask = read_label(tmp_path / "ask" / ARTIFACT_DIR / "queries" / str(batch.queries[0].mask)) > 0
    rows, columns = np.nonzero(mask)
    apart = np.maximum(abs(rows[:, None] - rows), abs(columns[:, None] - columns)) + 9 * np.eye(7)
    assert apart.min() > 2
