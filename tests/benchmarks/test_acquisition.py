from __future__ import annotations

import pytest

from benchmarks.acquisition import (
    ALL_LABELS,
    FIRST,
    INITIAL,
    POOL,
    ROUNDS,
    SOURCE_ONLY,
    Job,
    Result,
    Round,
    curves,
    experiment_of,
    summarised,
    table,
)
from core.acquisition.catalog import AcquisitionName
from core.methods.stal.config import StalConfig
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.budgets import BudgetUnit

RESULTS = [
    Result("random", 0, [Round(4, 400, 4, 0.2), Round(8, 800, 8, 0.3)], 1.0),
    Result("random", 1, [Round(4, 400, 4, 0.3), Round(8, 1000, 8, 0.5)], 1.0),
    Result(ALL_LABELS, 0, [Round(100, 10_000, 100, 0.6)], 1.0),
]


def opened(job: Job) -> tuple[ActiveRoundsStream, StalConfig]:
    experiment = experiment_of(job)
    assert isinstance(experiment.stream, ActiveRoundsStream)
    assert isinstance(experiment.config, StalConfig)
    return experiment.stream, experiment.config


@pytest.mark.parametrize(
    ("name", "unit", "budget"),
    [("stal", BudgetUnit.IMAGES, 4), ("ripu_pa", BudgetUnit.PERCENT_PIXELS_PER_IMAGE, 100 * 4 / 120)],
)
def test_functions_spend_the_same_pixels_whatever_they_ask_for(name: str, unit: BudgetUnit, budget: float) -> None:
    stream, config = opened(Job(name, 0, 50, self_training=False))

    assert config.acquisition.name is AcquisitionName(name)
    assert stream.unit is unit
    assert stream.budgets == pytest.approx((budget,) * ROUNDS)
    assert stream.initial_images == INITIAL


def test_the_first_training_is_that_of_every_function() -> None:
    first, function = (opened(Job(name, 0, 50, self_training=True)) for name in (FIRST, "bald"))

    assert first[0].budgets == ()
    assert first[0].initial_images == function[0].initial_images
    assert first[1].model_dump(exclude={"acquisition"}) == function[1].model_dump(exclude={"acquisition"})


@pytest.mark.parametrize(("name", "labelled"), [(SOURCE_ONLY, 0), (ALL_LABELS, POOL)])
def test_references_get_the_iterations_of_all_rounds(name: str, labelled: int) -> None:
    stream, config = opened(Job(name, 0, 50, self_training=True))

    assert (stream.initial_images, stream.budgets) == (labelled, ())
    assert (config.optim.iterations, config.self_training.weight) == (50 * (1 + ROUNDS), 0)


def test_the_summary_has_means_and_the_range_of_the_seeds() -> None:
    first, second = summarised(RESULTS)["random"]

    assert first["miou"] == pytest.approx(0.25)
    assert (second["images"], second["pixels"], second["clicks"], second["seeds"]) == (8, 900, 8, 2)
    assert second["miou_range"] == (0.3, 0.5)


def test_the_table_gives_pixels_as_a_share_of_the_pool() -> None:
    assert table(summarised(RESULTS), 10_000).splitlines()[2].split() == [
        "random", "1", "8.0", "9.00", "8", "0.400", "0.300-0.500",
    ]  # fmt: skip


def test_references_are_levels_and_functions_are_lines() -> None:
    lines, levels = curves(summarised(RESULTS), 10_000)

    assert [line.name for line in lines] == ["Random"]
    assert [point.budgets["pixels"] for point in lines[0].points] == [4, 9]
    assert (lines[0].points[1].low, lines[0].points[1].high) == (0.3, 0.5)
    assert levels == {ALL_LABELS: 0.6}
