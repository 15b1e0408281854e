from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.data.classes import CITYSCAPES_CLASSES, ClassTable
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.errors import ConfigError
from core.streams.active_rounds import SOURCE, TARGET, ActiveRoundsStream
from core.streams.base import KnownDataset
from core.streams.budgets import BudgetUnit

CITY = ClassTable({0: "road", 13: "car"}, background_id=None)
WORLD = {"world": "streets", "layout": "gta5"}


def stream(**values: Any) -> ActiveRoundsStream:
    return ActiveRoundsStream.model_validate(values)


def tables(target: ClassTable) -> dict[str, ClassTable]:
    """Class tables of a target and of the world as its source."""
    return {TARGET: target, SOURCE: CITYSCAPES_CLASSES}


def test_rounds_are_the_budgets_and_the_first_training() -> None:
    assert stream(budgets=[35, 85]).num_steps == 3
    assert stream(budgets=[]).num_steps == 1


@pytest.mark.parametrize("budget", [0, -1, float("nan")])
def test_a_budget_of_nothing_is_refused_at_its_place(budget: float) -> None:
    with pytest.raises(ValidationError) as caught:
        stream(budgets=[3, budget])

    assert caught.value.errors()[0]["loc"] == ("budgets", 1)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"initial_images": 11}, "/stream/initial_images"),
        ({"initial_images": 2, "budgets": [5, 4]}, "/stream/budgets/1"),
        ({"initial_images": 2, "budgets": [0.5]}, "/stream/budgets/0"),
        ({"initial_images": 2, "budgets": [1.5]}, "/stream/budgets/0"),
        ({"initial_images": 2, "budgets": [50, 36], "unit": "percent_images"}, "/stream/budgets/1"),
        ({"initial_images": 0, "budgets": [106], "unit": "percent_images"}, "/stream/budgets/0"),
        ({"initial_images": 10, "budgets": [1], "unit": "percent_images"}, "/stream/budgets/0"),
        ({"budgets": [5, 100.5], "unit": "percent_pixels_per_image", "initial_images": 2}, "/stream/budgets/1"),
        ({"budgets": [60, 41], "unit": "percent_pixels_per_image", "initial_images": 2}, "/stream/budgets/1"),
        ({"budgets": [5], "unit": "percent_pixels_per_image", "initial_images": 10}, "/stream/budgets/0"),
        ({"budgets": [5], "unit": "regions", "initial_images": 10}, "/stream/budgets/0"),
    ],
)
def test_what_a_pool_of_ten_cannot_give_is_refused(values: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ConfigError) as caught:
        stream(**values).check_pool(10)

    assert caught.value.pointer == pointer


def test_a_pool_may_be_labelled_to_its_last_image() -> None:
    stream(initial_images=2, budgets=[5, 3]).check_pool(10)
    stream(initial_images=2, budgets=[50], unit="percent_images").check_pool(10)


def test_parts_of_images_take_none_from_the_pool() -> None:
    stream(initial_images=9, budgets=[50, 50], unit="percent_pixels_per_image").check_pool(10)
    # Of 10 images 1 % is less than one, and buys one; so does every round, while there are any.
    stream(initial_images=8, budgets=[1, 1], unit="percent_images").check_pool(10)


def test_a_start_needs_a_label_from_somewhere() -> None:
    stream(initial_images=0, source=WORLD).check_against(tables(CITY))
    with pytest.raises(ConfigError, match="nothing is labelled") as caught:
        stream(initial_images=0).check_against(tables(CITY))
    assert caught.value.pointer == "/stream/initial_images"


def test_a_source_must_share_a_class_by_name() -> None:
    message = "it has road, sidewalk, .* and 14 more, and the target kite; classes are the same where their names are"
    with pytest.raises(ConfigError, match=message) as caught:
        stream(source=WORLD).check_against(tables(ClassTable({0: "kite"}, background_id=None)))
    assert caught.value.pointer == "/stream/source"

    stream(source=WORLD).check_against(tables(ClassTable({200: "road"}, background_id=None)))


def test_a_target_must_have_a_class() -> None:
    with pytest.raises(ConfigError, match="no class to learn"):
        stream().check_against(tables(ClassTable({}, background_id=None)))


def test_rounds_by_default_are_those_of_the_publication() -> None:
    assert (stream().initial_images, stream().budgets) == (30, (35.0, 85.0))


def test_a_list_and_a_number_of_first_images_exclude_each_other() -> None:
    stream(initial_list="gtav-30", source=WORLD).check_against(tables(CITY))
    stream(initial_list="gtav-30", initial_images=30).check_against(tables(CITY))
    with pytest.raises(ConfigError, match=r"12 images .* the list gtav-30 .* leave out initial_images or") as caught:
        stream(initial_list="gtav-30", initial_images=12).check_against(tables(CITY))
    assert caught.value.pointer == "/stream/initial_images"


def test_a_list_leads_nowhere_else() -> None:
    with pytest.raises(ValidationError):
        stream(initial_list="../../etc/passwd")


def test_the_pool_is_what_a_list_leaves() -> None:
    rounds = stream(initial_list="few", budgets=[8])

    rounds.check_pool(10)
    rounds.check_pool(10, listed=2)
    with pytest.raises(ConfigError, match="only 7 of 10 are left"):
        rounds.check_pool(10, listed=3)
    with pytest.raises(ConfigError, match="11 images are to be labelled at the start"):
        rounds.check_pool(10, listed=11)


def test_it_is_told_by_its_source_start_and_budgets() -> None:
    assert stream(source=WORLD).label() == "streets city-a > 30+35+85 images"
    assert stream(initial_list="gtav-30", unit="percent_images").label() == "gtav-30+35+85 percent images"


def test_a_preview_says_what_each_round_has_labelled() -> None:
    def images(**values: Any) -> list[int | None]:
        known = {TARGET: KnownDataset(200)}
        return [step.images for step in stream(**values).preview(known).steps]

    assert images(budgets=[35, 85]) == [30, 35, 85]
    assert images(budgets=[2], unit="percent_images") == [30, 4]
    assert images(budgets=[5], unit="regions", initial_list="gtav-30") == [None, None]


def test_labels_of_all_are_needed_where_ground_truth_answers() -> None:
    def purposes(**values: Any) -> set[str]:
        return set(stream(**values).datasets(StreetsDatasetSpec(world="streets"))[TARGET].labels)

    assert purposes() == {"eval", "oracle"}
    assert purposes(oracle="none") == purposes(budgets=[]) == {"eval"}


def test_a_stream_says_who_labels_how_much_after_each_round() -> None:
    rounds = stream(budgets=[3, 5], oracle="none")

    assert [(one.amount, one.unit, one.by_people) for one in rounds.labels_per_step] == [
        (3.0, BudgetUnit.IMAGES, True),
        (5.0, BudgetUnit.IMAGES, True),
    ]
