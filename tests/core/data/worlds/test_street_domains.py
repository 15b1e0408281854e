from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from core.data.classes import CITYSCAPES_NAMES
from core.data.worlds.street_domains import DOMAINS, USUAL_COLOURS
from core.data.worlds.street_things import RECIPES
from core.data.worlds.streets import StreetsWorld
from core.data.worlds.streets_world import StreetsDatasetSpec

SOURCE = "synthetic"


def test_the_spec_offers_every_domain_and_no_other() -> None:
    assert get_args(StreetsDatasetSpec.model_fields["domain"].annotation) == tuple(DOMAINS)


def test_every_class_but_the_sky_has_a_colour() -> None:
    assert set(USUAL_COLOURS) == set(CITYSCAPES_NAMES) - {"sky"}


@pytest.mark.parametrize("name", list(DOMAINS))
def test_what_a_domain_changes_exists(name: str) -> None:
    domain = DOMAINS[name]

    assert set(domain.colours) <= set(USUAL_COLOURS)
    assert set(domain.counts) <= set(RECIPES)
    for low, high in (domain.horizon, domain.road_width, domain.pavement_width, domain.building_height, domain.light):
        assert 0 < low <= high


def test_a_colour_is_one_of_the_domain_s_within_its_spread() -> None:
    domain = replace(DOMAINS["city-a"], spread=0.0)
    generator = np.random.default_rng(0)

    drawn = {tuple(domain.colour("terrain", generator).tolist()) for _ in range(5)}

    assert drawn == {(122.0, 138.0, 56.0)}


@pytest.mark.parametrize("name", [name for name in DOMAINS if name != SOURCE])
def test_cities_look_unlike_the_source(name: str) -> None:
    # Range of a pixel's channels, which grows with its saturation, over scenes that each have their own light.
    source, city = (
        [_mean_range(StreetsWorld(domain, 48, 96), index) for index in range(12)] for domain in (SOURCE, name)
    )

    assert np.mean(source) - np.mean(city) > np.std(source)


def _mean_range(world: StreetsWorld, index: int) -> float:
    return float(np.ptp(world.scene(index).image, axis=2).mean())
