"""The world *streets*: road scenes in perspective with the 19 Cityscapes classes, in several domains.

A scene is laid out in world coordinates (depth along the road, offset across it) and drawn from far to near, so that
size and position of every class depend on its distance. A domain changes the look of a scene (palette, texture, light,
weather, blur) and its contents (how many things of each class, and where).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage
from PIL import ImageFilter

from core.data.classes import CITYSCAPES_NAMES, IGNORE_INDEX
from core.data.samples import Image, LabelMap
from core.data.worlds.drawing import Plane
from core.data.worlds.street_domains import DOMAINS, StreetDomain
from core.data.worlds.street_things import draw_thing, place_things

CLASS = {name: train_id for train_id, name in enumerate(CITYSCAPES_NAMES)}


@dataclass(frozen=True)
class StreetScene:
    """One picture and its labels: (H, W, 3) RGB and (H, W) train ids, 255 where nothing is labelled."""

    image: Image
    label: LabelMap


@dataclass(frozen=True)
class Canvas:
    """The canvas of a scene: colours, labels, and the geometry of the ground.

    Attributes:
        colours: (H, W, 3) float32 in [0, 255].
        label: (H, W) train ids.
        horizon: row of the horizon.
        vanishing: column of the vanishing point.
    """

    colours: Plane
    label: LabelMap
    horizon: float
    vanishing: float

    @property
    def height(self) -> int:
        """H."""
        return int(self.label.shape[0])

    @property
    def width(self) -> int:
        """W."""
        return int(self.label.shape[1])

    def nearness(self, row: float) -> float:
        """Return the scale of things that stand on a row of the ground: 0 at the horizon, 1 at the lower edge."""
        return (row - self.horizon) / (self.height - self.horizon)

    def paint(self, mask: npt.NDArray[np.bool_], class_id: int, colour: Plane) -> None:
        """Give pixels a class and a colour, (3,) or (n, 3) for the n pixels of an (H, W) mask."""
        self.label[mask] = class_id
        self.colours[mask] = colour


@dataclass(frozen=True)
class StreetsWorld:
    """Draws pictures that are pure functions of (domain, seed, index).

    Attributes:
        domain: name in `DOMAINS`.
        height_px, width_px: size of the pictures.
        seed: seed of the world.
    """

    domain: str
    height_px: int
    width_px: int
    seed: int = 0

    def scene(self, index: int) -> StreetScene:
        """Draw one picture."""
        look = DOMAINS[self.domain]
        generator = np.random.default_rng([self.seed, list(DOMAINS).index(self.domain), index])
        canvas = self._empty(look, generator)
        _draw_sky(canvas, look, generator)
        _draw_skyline(canvas, look, generator)
        _draw_ground(canvas, look, generator)
        for thing in place_things(look, generator):
            draw_thing(canvas, thing, look, generator)
        _draw_bonnet(canvas, look)
        return StreetScene(_photograph(canvas, look, generator), canvas.label)

    def _empty(self, look: StreetDomain, generator: np.random.Generator) -> Canvas:
        shape = (self.height_px, self.width_px)
        horizon = self.height_px * generator.uniform(*look.horizon)
        vanishing = self.width_px * generator.uniform(0.38, 0.62)
        return Canvas(np.zeros((*shape, 3), np.float32), np.full(shape, CLASS["sky"], np.uint8), horizon, vanishing)


def _draw_sky(canvas: Canvas, look: StreetDomain, generator: np.random.Generator) -> None:
    top, bottom = (np.asarray(colour, np.float32) for colour in look.sky)
    share = np.linspace(0, 1, canvas.height, dtype=np.float32)[:, None, None]
    sky = top + (bottom - top) * share
    shades = np.stack([top, bottom, 0.5 * (top + bottom) + 25])
    clouds = _noise(canvas, generator, 4, shades) - sky
    canvas.colours[:] = sky + look.clouds * clouds


def _draw_skyline(canvas: Canvas, look: StreetDomain, generator: np.random.Generator) -> None:
    """Draw a row of buildings and trees on either side; both end at the vanishing point of the road."""
    columns = np.arange(canvas.width, dtype=np.float32)
    for side in (-1, 1):
        edge = canvas.vanishing
        while 0 < edge < canvas.width:
            # The nearer a block stands to the picture's edge, the nearer it is to the camera.
            reach = abs(edge - canvas.vanishing) / canvas.width + 0.06
            block = canvas.width * generator.uniform(0.35, 0.9) * reach
            left, right = sorted((edge, edge + side * max(block, 2.0)))
            inside = (columns >= left) & (columns < right)
            is_tree = generator.random() < look.greenery
            is_gap = generator.random() < look.gaps
            if not is_gap:
                _draw_block(canvas, inside, reach, is_tree, look, generator)
            edge += side * max(block, 2.0)


def _draw_block(
    canvas: Canvas,
    inside: npt.NDArray[np.bool_],
    reach: float,
    is_tree: bool,
    look: StreetDomain,
    generator: np.random.Generator,
) -> None:
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    tall = look.tree_height if is_tree else look.building_height
    height = canvas.height * reach * generator.uniform(*tall)
    roof = np.full(canvas.width, canvas.horizon - height, np.float32)
    if is_tree:
        phase, period = generator.uniform(0, 6.3), canvas.width * generator.uniform(0.03, 0.09)
        roof += height * 0.18 * np.sin(np.arange(canvas.width) / period + phase).astype(np.float32)
    foot = canvas.horizon + reach * canvas.height * 0.2
    mask = inside[None] & (rows >= roof[None]) & (rows < foot)
    if is_tree:
        canvas.paint(mask, CLASS["vegetation"], _leaves(canvas, mask, look, generator))
    else:
        canvas.paint(mask, CLASS["building"], _facade(canvas, mask, reach, look, generator))


def _leaves(
    canvas: Canvas, mask: npt.NDArray[np.bool_], look: StreetDomain, generator: np.random.Generator
) -> npt.NDArray[np.float32]:
    base = look.colour("vegetation", generator)
    shades = base * generator.uniform(0.6, 1.25, (4, 1)).astype(np.float32)
    return np.asarray(_noise(canvas, generator, 30, shades)[mask], np.float32)


def _facade(
    canvas: Canvas, mask: npt.NDArray[np.bool_], reach: float, look: StreetDomain, generator: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Return the colours of a wall with rows of windows; the windows grow with nearness."""
    rows, columns = (part.astype(np.float32) for part in np.nonzero(mask))
    base = look.colour("building", generator)
    pitch = max(4.0, canvas.height * reach * generator.uniform(0.2, 0.34))
    is_window = ((rows % pitch) / pitch > 0.45) & ((columns % (pitch * 0.8)) / (pitch * 0.8) > 0.45)
    window = base * generator.uniform(*look.window_shade)
    return np.where((is_window & (pitch > 4.5))[:, None], window, base).astype(np.float32)


def _draw_ground(canvas: Canvas, look: StreetDomain, generator: np.random.Generator) -> None:
    """Draw road, pavements and the ground beside them, with straight edges to the vanishing point."""
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    near = np.clip((rows - canvas.horizon) / (canvas.height - canvas.horizon), 0, 1)
    is_ground = np.broadcast_to(rows >= canvas.horizon, canvas.label.shape)
    columns = np.arange(canvas.width, dtype=np.float32)[None]
    # Offset across the road in half picture widths at the lower edge.
    offset = (columns - canvas.vanishing) / (canvas.width * np.maximum(near, 1e-3))
    road, pavement = generator.uniform(*look.road_width), generator.uniform(*look.pavement_width)
    outside = "terrain" if generator.random() < look.terrain else "sidewalk"
    grain = look.texture * (generator.normal(0, 9, canvas.label.shape).astype(np.float32))
    for mask, name in (
        (is_ground & (np.abs(offset) >= road + pavement), outside),
        (is_ground & (np.abs(offset) < road + pavement), "sidewalk"),
        (is_ground & (np.abs(offset) < road), "road"),
    ):
        base = look.colour(name, generator)
        tile = 1 - look.texture * 0.12 * ((offset * 9 % 1 < 0.5) ^ (np.log(near + 0.05) * 5 % 1 < 0.5))
        shade = tile if name == "sidewalk" else np.ones_like(tile)
        canvas.paint(mask, CLASS[name], base * shade[mask][:, None] + grain[mask][:, None])
    lane = is_ground & (np.abs(offset - look.lane_offset) < 0.012) & (np.log(near + 0.02) * 4 % 1 < 0.6)
    canvas.colours[lane & (canvas.label == CLASS["road"])] = look.lane
    for name, chance in (("wall", look.walls), ("fence", look.fences)):
        if generator.random() < chance:
            _draw_barrier(canvas, name, generator.choice((-1, 1)) * (road + pavement), look, generator)


def _draw_barrier(canvas: Canvas, name: str, at: float, look: StreetDomain, generator: np.random.Generator) -> None:
    """Draw a wall or fence along the outer edge of a pavement."""
    columns = np.arange(canvas.width, dtype=np.float32)[None]
    near = (columns - canvas.vanishing) / (at * canvas.width)
    foot = canvas.horizon + near * (canvas.height - canvas.horizon)
    top = foot - near * canvas.height * generator.uniform(0.28, 0.42)
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    mask = (near > 0.05) & (near < 2.5) & (rows >= top) & (rows < foot)
    colour = look.colour(name, generator)
    if name == "fence":
        gaps = (np.log(np.maximum(near, 1e-3)) * 14 % 1 < 0.5) & (rows < foot - 0.25 * (foot - top))
        bars = np.where(np.broadcast_to(gaps, mask.shape)[mask], 0.55, 1.0).astype(np.float32)
        canvas.paint(mask, CLASS[name], colour * bars[:, None])
    else:
        canvas.paint(mask, CLASS[name], colour)


def _draw_bonnet(canvas: Canvas, look: StreetDomain) -> None:
    """Cover the lower edge with the camera's own car, which nobody labels."""
    if look.bonnet <= 0:
        return
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    columns = np.arange(canvas.width, dtype=np.float32)[None]
    bow = ((columns / canvas.width - 0.5) * 2) ** 2 * 0.03
    mask = rows > canvas.height * (1 - look.bonnet + bow)
    canvas.paint(mask, IGNORE_INDEX, np.array((32, 32, 36), np.float32))


def _photograph(canvas: Canvas, look: StreetDomain, generator: np.random.Generator) -> Image:
    """Return the picture of the domain's camera, with fog, light, blur and noise."""
    rows = np.arange(canvas.height, dtype=np.float32)[:, None, None]
    distance = np.where(rows < canvas.horizon, 1.0, 1 / (1 + 6 * np.maximum(rows - canvas.horizon, 0) / canvas.height))
    fog = look.fog * generator.uniform(0.6, 1.2) * distance
    colours = canvas.colours * (1 - fog) + np.asarray(look.fog_colour, np.float32) * fog
    cast = np.asarray(look.cast, np.float32) * generator.normal(1, look.cast_spread, 3).astype(np.float32)
    light = generator.uniform(*look.light) * cast
    shadow = 1 - look.shadows * (_noise(canvas, generator, 4, np.array([[0.0], [1.0]], np.float32) * 255) / 255)
    grey = colours.mean(axis=2, keepdims=True)
    colours = (grey + (colours - grey) * look.saturation) * light * shadow
    colours = 255 * (np.clip(colours, 0, 255) / 255) ** look.gamma
    picture = PILImage.fromarray(colours.astype(np.uint8))
    if look.blur > 0:
        picture = picture.filter(ImageFilter.GaussianBlur(look.blur * canvas.height / 96))
    noise = generator.normal(0, look.noise, (*canvas.label.shape, 1)).astype(np.float32)
    noisy: Image = np.clip(np.asarray(picture, np.float32) + noise, 0, 255).astype(np.uint8)
    return noisy


def _noise(canvas: Canvas, generator: np.random.Generator, cells: int, shades: npt.NDArray[np.float32]) -> Plane:
    """Return (H, W, 3) smooth noise between shades, (K, 3) or (K, 1)."""
    colours = np.broadcast_to(shades, (len(shades), 3)).astype(np.float32).clip(0, 255)
    grid = PILImage.fromarray(colours[generator.integers(len(colours), size=(cells, cells))].round().astype(np.uint8))
    # Cells are square, so the shorter side has fewer; only cells inside the picture are enlarged.
    cells_per_px = cells / max(canvas.height, canvas.width)
    shown = (0, 0, canvas.width * cells_per_px, canvas.height * cells_per_px)
    size = (canvas.width, canvas.height)
    return np.asarray(grid.resize(size, PILImage.Resampling.BICUBIC, box=shown), dtype=np.float32)
