"""How the domains of the world *streets* look and what their streets are made of: data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Colour = tuple[float, float, float]
Range = tuple[float, float]

USUAL_COLOURS: Mapping[str, tuple[Colour, ...]] = {
    "road": ((92, 92, 96),),
    "sidewalk": ((168, 160, 152),),
    "building": ((150, 120, 100), (170, 160, 140), (120, 120, 130), (190, 170, 130)),
    "wall": ((130, 120, 115),),
    "fence": ((150, 140, 130),),
    "pole": ((110, 110, 112),),
    "traffic light": ((40, 40, 38),),
    "traffic sign": ((205, 190, 60), (40, 70, 180), (200, 40, 40)),
    "vegetation": ((60, 110, 45), (80, 125, 55)),
    "terrain": ((120, 150, 80),),
    "person": ((60, 50, 120), (140, 50, 50), (60, 60, 60)),
    "rider": ((170, 90, 40), (50, 90, 140)),
    "car": ((170, 30, 30), (40, 60, 140), (200, 200, 205), (50, 50, 55)),
    "truck": ((210, 200, 180), (60, 110, 160)),
    "bus": ((215, 175, 40), (190, 40, 40)),
    "train": ((60, 140, 90), (190, 190, 195)),
    "motorcycle": ((50, 30, 30),),
    "bicycle": ((40, 70, 60),),
}
"""Class -> colours to choose from, in RGB."""


@dataclass(frozen=True)
class StreetDomain:
    """One domain.

    Attributes:
        title: for people.
        colours: what differs from `USUAL_COLOURS`.
        spread: deviation of a colour from its recipe, in grey levels.
        sky: colours at the top and at the horizon.
        clouds: share of cloud noise.
        lane: colour of the lane markings; their offset across the road.
        horizon: rows of the horizon as a share of the height.
        road_width, pavement_width: in picture widths at the lower edge.
        building_height, tree_height: of a block, in picture heights at reach 1.
        window_shade: factor of a window's brightness over its wall's.
        greenery, gaps: chances that a block is trees, or open.
        terrain, walls, fences: chances of grass beside the pavement, of a wall, of a fence.
        counts: class -> mean number of things.
        texture: strength of surface texture, 0 to 1.
        fog, fog_colour: share at the horizon.
        light, cast, gamma, saturation: of the picture.
        shadows: depth of soft shadows.
        blur, noise: of the camera; blur in pixels at 96 rows, noise in grey levels.
        bonnet: share of the height that the camera's car covers.
    """

    title: str
    colours: Mapping[str, tuple[Colour, ...]] = field(default_factory=dict)
    spread: float = 10.0
    sky: tuple[Colour, Colour] = ((90, 150, 235), (190, 215, 245))
    clouds: float = 0.2
    lane: Colour = (230, 230, 225)
    lane_offset: float = 0.0
    horizon: Range = (0.38, 0.46)
    road_width: Range = (0.5, 0.75)
    pavement_width: Range = (0.16, 0.3)
    building_height: Range = (0.7, 1.3)
    tree_height: Range = (0.45, 0.8)
    window_shade: Range = (0.45, 0.65)
    greenery: float = 0.35
    gaps: float = 0.12
    terrain: float = 0.4
    walls: float = 0.25
    fences: float = 0.3
    counts: Mapping[str, float] = field(default_factory=dict)
    texture: float = 0.2
    fog: float = 0.0
    fog_colour: Colour = (200, 205, 210)
    light: Range = (0.95, 1.1)
    cast: Colour = (1.0, 1.0, 1.0)
    gamma: float = 1.0
    saturation: float = 1.0
    shadows: float = 0.1
    blur: float = 0.0
    noise: float = 1.5
    bonnet: float = 0.0

    def colour(self, name: str, generator: np.random.Generator) -> npt.NDArray[np.float32]:
        """Draw a colour of a class, (3,)."""
        choices = self.colours.get(name) or USUAL_COLOURS[name]
        base = np.array(choices[generator.integers(len(choices))], np.float32)
        return np.asarray(np.clip(base + generator.normal(0, self.spread, 3), 4, 251), np.float32)


DOMAINS: dict[str, StreetDomain] = {
    "synthetic": StreetDomain("A game: clean, saturated, sharp", saturation=1.35, texture=0.05, spread=14),
    "city-a": StreetDomain(
        "Overcast central European city",
        colours={
            "road": ((118, 116, 112),),
            "sidewalk": ((126, 112, 108),),
            "building": ((185, 175, 160), (160, 110, 90), (140, 140, 135), (205, 195, 165)),
            "vegetation": ((55, 72, 45), (70, 78, 50)),
            "terrain": ((98, 104, 62),),
            "car": ((30, 30, 34), (120, 120, 124), (190, 190, 188), (70, 20, 24)),
            "person": ((40, 40, 48), (80, 70, 60), (25, 25, 28)),
        },
        sky=((214, 218, 222), (236, 238, 238)),
        clouds=0.35,
        window_shade=(0.35, 0.9),
        saturation=0.55,
        texture=0.7,
        fog=0.3,
        light=(0.7, 0.95),
        cast=(0.94, 1.0, 1.02),
        gamma=1.15,
        shadows=0.3,
        blur=0.55,
        noise=5,
        bonnet=0.07,
        counts={"person": 2.2, "car": 2.6, "bicycle": 0.8, "pole": 3.2},
    ),
    "city-b": StreetDomain(
        "Autumn evening, low sun",
        colours={
            "road": ((84, 74, 70),),
            "sidewalk": ((150, 108, 90),),
            "vegetation": ((165, 105, 40), (140, 60, 30), (120, 110, 50)),
            "terrain": ((150, 122, 70),),
            "building": ((170, 100, 70), (120, 85, 75), (200, 150, 110)),
        },
        sky=((120, 110, 150), (250, 190, 130)),
        clouds=0.5,
        window_shade=(0.5, 1.5),
        saturation=0.9,
        texture=0.5,
        fog=0.2,
        fog_colour=(245, 190, 140),
        light=(0.65, 0.9),
        cast=(1.12, 0.95, 0.8),
        gamma=1.3,
        shadows=0.5,
        blur=0.4,
        noise=6,
        horizon=(0.42, 0.52),
        road_width=(0.38, 0.55),
        building_height=(0.9, 1.7),
        greenery=0.5,
    ),
    "city-c": StreetDomain(
        "Hot dusty city with mixed traffic",
        colours={
            "road": ((150, 134, 112),),
            "sidewalk": ((178, 152, 118),),
            "building": ((200, 165, 120), (110, 140, 150), (180, 90, 80), (225, 215, 190)),
            "vegetation": ((92, 110, 60), (112, 118, 70)),
            "terrain": ((190, 160, 110),),
            "bus": ((60, 120, 70), (90, 60, 140)),
            "motorcycle": ((40, 40, 90),),
        },
        sky=((178, 178, 165), (222, 210, 185)),
        clouds=0.15,
        saturation=0.7,
        texture=0.9,
        fog=0.45,
        fog_colour=(215, 198, 165),
        light=(0.9, 1.15),
        cast=(1.05, 1.0, 0.86),
        gamma=0.85,
        shadows=0.25,
        blur=0.8,
        noise=7,
        road_width=(0.6, 0.9),
        pavement_width=(0.05, 0.16),
        building_height=(0.35, 0.8),
        gaps=0.3,
        terrain=0.8,
        walls=0.5,
        fences=0.1,
        counts={"motorcycle": 1.2, "rider": 1.0, "bus": 0.7, "truck": 0.7, "person": 2.4, "car": 1.6},
        bonnet=0.05,
    ),
}
"""Name -> domain; the order is part of the drawing."""
