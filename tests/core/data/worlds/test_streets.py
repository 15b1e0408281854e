from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.data.classes import IGNORE_INDEX
from core.data.worlds.street_domains import DOMAINS
from core.data.worlds.street_things import RECIPES
from core.data.worlds.streets import CLASS, StreetsWorld


@pytest.mark.parametrize("domain", list(DOMAINS))
def test_a_scene_is_a_function_of_domain_seed_and_index(domain: str) -> None:
    first = StreetsWorld(domain, 48, 96, seed=3).scene(5)
    again = StreetsWorld(domain, 48, 96, seed=3).scene(5)
    other = StreetsWorld(domain, 48, 96, seed=4).scene(5)
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.label, again.label)
    assert (first.image != other.image).any()


@pytest.mark.parametrize("domain", list(DOMAINS))
def test_every_class_occurs_and_nothing_else_does(domain: str) -> None:
    world = StreetsWorld(domain, 64, 128)
    shown = set(np.unique(np.stack([world.scene(index).label for index in range(150)])).tolist())
    assert shown - {IGNORE_INDEX} == set(CLASS.values())


def test_things_are_larger_the_nearer_they_stand() -> None:
    world = StreetsWorld("synthetic", 96, 192)
    scenes = [world.scene(index).label for index in range(60)]
    # Rows of the road below and above the middle of the ground: the road narrows towards its vanishing point.
    near, far = (np.mean([(label[row] == CLASS["road"]).sum() for label in scenes]) for row in (90, 55))
    assert near > 2 * far


def test_pictures_have_the_size_that_is_asked_for() -> None:
    scene = StreetsWorld("city-a", 40, 100).scene(0)
    assert scene.image.shape == (40, 100, 3)
    assert scene.image.dtype == np.uint8
    assert scene.label.shape == (40, 100)


@pytest.mark.parametrize(("spread", "deviation"), [(0.0, 0.0), (0.1, 0.1)])
def test_the_cast_deviates_from_picture_to_picture(
    monkeypatch: pytest.MonkeyPatch, spread: float, deviation: float
) -> None:
    # Nothing but a flat sky of level 100 in the first row: what is left to vary is the light's colour.
    plain = replace(
        DOMAINS["synthetic"], sky=((100, 100, 100),) * 2, clouds=0.0, shadows=0.0, noise=0.0, light=(1.0, 1.0)
    )
    plain = replace(plain, building_height=(0.1, 0.1), tree_height=(0.1, 0.1), counts=dict.fromkeys(RECIPES, 0.0))
    monkeypatch.setitem(DOMAINS, "synthetic", replace(plain, cast_spread=spread))
    world = StreetsWorld("synthetic", 48, 96)

    corners = np.array([world.scene(index).image[0, 0] for index in range(60)], float)

    assert corners.std() / 100 == pytest.approx(deviation, abs=0.02)
    assert corners.mean() == pytest.approx(100, abs=3)
