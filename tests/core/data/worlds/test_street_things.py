from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.classes import CITYSCAPES_NAMES
from core.data.worlds.street_domains import DOMAINS
from core.data.worlds.street_things import RECIPES, Thing, draw_thing, place_things
from core.data.worlds.streets import Canvas

SKY = CITYSCAPES_NAMES.index("sky")
LOOK = replace(DOMAINS["synthetic"], spread=0.0)


@pytest.fixture
def canvas() -> Canvas:
    """A picture of 100 x 200 of nothing but sky, with its horizon at row 40 and the vanishing point in the middle."""
    return Canvas(np.zeros((100, 200, 3), np.float32), np.full((100, 200), SKY, np.uint8), 40.0, 100.0)


def draw(canvas: Canvas, thing: Thing) -> dict[str, int]:
    """Draw a thing and return the pixels of each class."""
    draw_thing(canvas, thing, LOOK, np.random.default_rng(0))
    ids, counts = np.unique(canvas.label[canvas.label != SKY], return_counts=True)
    return {CITYSCAPES_NAMES[train_id]: int(count) for train_id, count in zip(ids, counts, strict=True)}


def test_things_come_from_far_to_near_and_where_their_recipe_says() -> None:
    things = [thing for seed in range(20) for thing in place_things(LOOK, np.random.default_rng(seed))]
    one = place_things(LOOK, np.random.default_rng(1))

    assert [thing.nearness for thing in one] == sorted(thing.nearness for thing in one)
    for thing in things:
        recipe = RECIPES[thing.name]
        assert recipe.nearness[0] <= thing.nearness <= recipe.nearness[1]
        assert recipe.offset[0] <= abs(thing.offset) <= recipe.offset[1]


def test_a_domain_says_how_many_there_are() -> None:
    only_cars = replace(LOOK, counts=dict.fromkeys(RECIPES, 0.0) | {"car": 5.0})
    drawn = [place_things(only_cars, np.random.default_rng(seed)) for seed in range(200)]

    assert {thing.name for things in drawn for thing in things} == {"car"}
    assert np.mean([len(things) for things in drawn]) == pytest.approx(5, abs=0.5)


def test_a_box_fills_its_place_in_perspective(canvas: Canvas) -> None:
    # Nearness 0.5: its foot is at row 40 + 30 = 70, its height 1 * 0.5 * 100 = 50, its half width 50 * 0.2 / 2 = 5.
    shown = draw(canvas, Thing("pole", nearness=0.5, offset=0.0, height=1.0, aspect=0.2))

    rows, columns = np.nonzero(canvas.label == CITYSCAPES_NAMES.index("pole"))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 69, 95, 104)
    assert shown == {"pole": 50 * 10}


def test_what_is_thinner_than_a_pixel_covers_one(canvas: Canvas) -> None:
    draw(canvas, Thing("pole", nearness=0.1, offset=0.0, height=1.0, aspect=0.01))

    assert set(np.nonzero(canvas.label != SKY)[1]) <= {99, 100}
    assert (canvas.label != SKY).sum() >= 9


@pytest.mark.parametrize("offset", [-9.0, 9.0])
def test_what_stands_outside_the_picture_changes_nothing(canvas: Canvas, offset: float) -> None:
    assert draw(canvas, Thing("car", nearness=0.5, offset=offset, height=0.3, aspect=1.5)) == {}


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("car", {"car"}),
        ("traffic sign", {"traffic sign", "pole"}),
        ("traffic light", {"traffic light", "pole"}),
        ("bicycle", {"bicycle"}),
    ],
)
def test_parts_have_their_own_classes(canvas: Canvas, name: str, classes: set[str]) -> None:
    assert set(draw(canvas, Thing(name, nearness=0.8, offset=0.0, height=0.5, aspect=0.5))) == classes


def test_a_rider_sits_on_something(canvas: Canvas) -> None:
    shown = draw(canvas, Thing("rider", nearness=0.8, offset=0.0, height=0.5, aspect=0.8))

    assert set(shown) in ({"rider", "bicycle"}, {"rider", "motorcycle"})
    is_rider = canvas.label == CITYSCAPES_NAMES.index("rider")
    is_ride = (canvas.label != SKY) & ~is_rider
    assert np.nonzero(is_rider)[0].mean() < np.nonzero(is_ride)[0].mean()


def test_colours_stay_in_the_range_of_a_picture(canvas: Canvas) -> None:
    draw(canvas, Thing("traffic light", nearness=0.8, offset=0.0, height=0.5, aspect=0.5))

    assert canvas.colours.min() >= 0
    assert canvas.colours.max() <= 255
