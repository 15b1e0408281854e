"""Data of the domains of the world *streets*: their look and the contents of their streets."""

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
        title: name for people.
        colours: colours that differ from `USUAL_COLOURS`.
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
        counts: class -> mean number of things in a scene.
        texture: strength of surface texture, 0 to 1.
        fog, fog_colour: share of fog at the horizon, and its colour.
        light, cast, gamma, saturation: of the picture; the cast deviates by `cast_spread` from picture to picture.
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
    walls: float = 0.4
    fences: float = 0.4
    counts: Mapping[str, float] = field(default_factory=dict)
    texture: float = 0.2
    fog: float = 0.0
    fog_colour: Colour = (200, 205, 210)
    light: Range = (0.95, 1.1)
    cast: Colour = (1.0, 1.0, 1.0)
    cast_spread: float = 0.03
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
    "synthetic": StreetDomain(
        "A game: clear days of every light, saturated",
        spread=20,
        clouds=0.35,
        texture=0.2,
        light=(0.65, 1.2),
        cast_spread=0.08,
        saturation=1.3,
        shadows=0.25,
        noise=3,
    ),
    "city-a": StreetDomain(
        "Overcast central European city",
        colours={
            "road": ((112, 112, 118),),
            "sidewalk": ((158, 118, 104),),
            "building": ((185, 175, 160), (160, 110, 90), (140, 140, 135), (205, 195, 165)),
            "vegetation": ((44, 72, 40), (54, 78, 44)),
            "terrain": ((122, 138, 56),),
            "car": ((30, 30, 34), (120, 120, 124), (190, 190, 188), (110, 26, 30)),
            "person": ((40, 40, 48), (80, 70, 60), (25, 25, 28)),
        },
        sky=((196, 206, 218), (228, 232, 234)),
        clouds=0.35,
        window_shade=(0.35, 0.9),
        spread=8,
        saturation=0.75,
        texture=0.6,
        fog=0.2,
        light=(0.85, 1.05),
        cast=(0.95, 1.0, 1.02),
        gamma=1.08,
        shadows=0.15,
        blur=0.4,
        noise=4,
        bonnet=0.07,
        counts={"person": 2.6, "car": 2.6, "bicycle": 1.1, "pole": 3.2},
    ),
    "city-b": StreetDomain(
        "Autumn evening, low sun",
        colours={
            "road": ((84, 78, 84),),
            "sidewalk": ((170, 128, 108),),
            "vegetation": ((150, 112, 45), (124, 84, 40), (104, 116, 50)),
            "terrain": ((172, 158, 66),),
            "building": ((170, 105, 80), (120, 95, 85), (200, 155, 120)),
        },
        sky=((124, 134, 180), (248, 206, 156)),
        clouds=0.4,
        window_shade=(0.5, 1.5),
        spread=8,
        saturation=0.95,
        texture=0.5,
        fog=0.15,
        fog_colour=(245, 200, 155),
        light=(0.8, 1.0),
        cast=(1.08, 0.97, 0.9),
        gamma=1.12,
        shadows=0.2,
        blur=0.35,
        noise=4,
        horizon=(0.42, 0.52),
        road_width=(0.38, 0.55),
        building_height=(0.9, 1.7),
        greenery=0.5,
    ),
    "city-c": StreetDomain(
        "Hot dusty city with mixed traffic",
        colours={
            "road": ((138, 126, 112),),
            "sidewalk": ((196, 166, 126),),
            "building": ((200, 165, 120), (120, 140, 148), (180, 105, 92), (218, 208, 186)),
            "vegetation": ((86, 114, 58), (104, 120, 66)),
            "terrain": ((156, 150, 78),),
            "bus": ((60, 120, 70), (90, 60, 140)),
            "motorcycle": ((40, 40, 90),),
        },
        sky=((158, 180, 200), (222, 216, 200)),
        clouds=0.15,
        spread=8,
        saturation=0.85,
        texture=0.6,
        fog=0.25,
        fog_colour=(215, 200, 172),
        light=(0.9, 1.12),
        cast=(1.04, 1.0, 0.9),
        gamma=0.92,
        shadows=0.12,
        blur=0.5,
        noise=5,
        road_width=(0.6, 0.9),
        pavement_width=(0.05, 0.16),
        building_height=(0.35, 0.8),
        gaps=0.3,
        terrain=0.8,
        walls=0.6,
        fences=0.25,
        counts={"motorcycle": 1.4, "rider": 1.4, "bus": 0.7, "truck": 0.7, "person": 2.6, "car": 1.6},
        bonnet=0.05,
    ),
}
"""Name -> domain; the order is part of the drawing."""
