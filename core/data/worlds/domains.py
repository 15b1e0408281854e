"""The world *domains*: eight binary-mask domains and a natural one, each with another kind of foreground.

A picture has a background texture, some distractors, and one foreground region: pits, cracks, spots, flaws, pills,
bottles, camouflaged animals or glossy blobs. The foreground of one domain looks like the background of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.data.samples import Image, Mask
from core.data.worlds.drawing import SHAPES, TEXTURES, Plane, blend, frame, hsv_colours, smooth_noise

DomainKind = Literal["pits", "cracks", "spots", "carpet", "pills", "bottles", "camouflage", "polyps", "natural"]
Look = Literal["dark", "bright", "textured", "hidden", "glossy"]
Outline = Literal["blob", "line", "ellipse", "shape"]
SMALLEST_SHARE = 0.004
"""A picture with a smaller share of foreground is drawn again."""


@dataclass(frozen=True)
class Recipe:
    """How a domain looks.

    Attributes:
        texture: texture of the background.
        hue, saturation, value: ranges of the background's colours; hue in turns.
        outline: shape of the foreground.
        radius: range of the foreground's radius as a fraction of the picture's side.
        look: how the foreground differs from the background.
        distractors: maximum number of distractors; they have the next look.
    """

    texture: str
    hue: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]
    outline: Outline
    radius: tuple[float, float]
    look: Look
    distractors: int = 1


RECIPES: Mapping[DomainKind, Recipe] = {
    "pits": Recipe("pales", (0.08, 0.12), (0.0, 0.15), (0.5, 0.7), "blob", (0.10, 0.22), "dark"),
    "cracks": Recipe("bars", (0.55, 0.65), (0.0, 0.1), (0.35, 0.5), "line", (0.25, 0.42), "dark", 0),
    "spots": Recipe("bars", (0.55, 0.65), (0.1, 0.3), (0.2, 0.35), "ellipse", (0.08, 0.18), "bright", 2),
    "carpet": Recipe("checks", (0.0, 0.08), (0.4, 0.7), (0.3, 0.5), "blob", (0.12, 0.28), "bright"),
    "pills": Recipe("dots", (0.3, 0.4), (0.05, 0.2), (0.05, 0.2), "ellipse", (0.2, 0.36), "textured", 0),
    "bottles": Recipe("rings", (0.1, 0.15), (0.1, 0.3), (0.7, 0.9), "shape", (0.22, 0.36), "dark", 2),
    "camouflage": Recipe("mesh", (0.2, 0.35), (0.4, 0.7), (0.3, 0.6), "blob", (0.22, 0.36), "hidden", 0),
    "polyps": Recipe("spokes", (0.97, 1.03), (0.5, 0.7), (0.5, 0.75), "blob", (0.16, 0.34), "glossy"),
    "natural": Recipe("diagonals", (0.0, 1.0), (0.1, 0.9), (0.2, 0.9), "shape", (0.16, 0.36), "textured", 2),
}


@dataclass(frozen=True)
class DomainScene:
    """(S, S, 3) picture and (S, S) foreground, never empty."""

    image: Image
    mask: Mask


@dataclass(frozen=True)
class DomainsWorld:
    """Draws pictures of a domain that are pure functions of (seed, domain, index).

    Attributes:
        domain: name of the domain.
        size_px: side of the square pictures.
        seed: seed of the world.
    """

    domain: DomainKind
    size_px: int
    seed: int = 0

    def scene(self, index: int) -> DomainScene:
        """Draw one picture."""
        generator = np.random.default_rng([self.seed, list(RECIPES).index(self.domain), index])
        recipe = RECIPES[self.domain]
        while True:
            canvas = _background(generator, recipe, self.size_px)
            for _ in range(generator.integers(recipe.distractors + 1)):
                _draw_distractor(canvas, recipe, generator)
            mask = _draw_foreground(canvas, recipe, generator)
            if mask.mean() >= SMALLEST_SHARE:
                break
        canvas += generator.normal(0, 4, canvas.shape[:2]).astype(np.float32)[..., None]
        return DomainScene(np.clip(canvas, 0, 255).astype(np.uint8), mask)


def _background(generator: np.random.Generator, recipe: Recipe, size_px: int) -> Plane:
    palette = hsv_colours(*(generator.uniform(*bounds, 4) for bounds in (recipe.hue, recipe.saturation, recipe.value)))
    canvas = smooth_noise(generator, size_px, 4, palette)
    steps = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px * generator.uniform(3, 5)
    u, v = np.meshgrid(steps + generator.random(), steps + generator.random())
    share = TEXTURES[recipe.texture](u.astype(np.float32), v.astype(np.float32))
    return np.asarray(canvas * (1 + 0.25 * (share - 0.5))[..., None], dtype=np.float32)


def _draw_distractor(canvas: Plane, recipe: Recipe, generator: np.random.Generator) -> None:
    """Draw a small distractor in a corner, faintly in the look of another domain's foreground."""
    size_px = canvas.shape[0]
    corner = generator.choice((0.15, 0.85), 2) * size_px
    rows, columns, u, v = frame((corner[0], corner[1]), 0.09 * size_px, generator.uniform(0, np.pi), size_px)
    distance = SHAPES["square" if recipe.outline != "shape" else "disc"](u, v) * 0.09 * size_px
    tone = 230.0 if recipe.look == "dark" else 25.0
    blend(canvas, (rows, columns), np.full(3, tone, np.float32), 0.6 * np.clip(0.5 - distance, 0, 1))


def _draw_foreground(canvas: Plane, recipe: Recipe, generator: np.random.Generator) -> Mask:
    """Draw the foreground; return its mask."""
    size_px = canvas.shape[0]
    radius = generator.uniform(*recipe.radius) * size_px
    centre = generator.uniform(0.3, 0.7, 2) * size_px
    rows, columns, u, v = frame((centre[0], centre[1]), radius, generator.uniform(0, np.pi), size_px)
    distance = _distance(recipe.outline, u, v, generator) * np.float32(radius)
    part = (rows, columns)
    blend(canvas, part, _surface(canvas[part], recipe, u, v, generator), np.clip(0.5 - distance, 0, 1))
    mask = np.zeros(canvas.shape[:2], np.bool_)
    mask[part] = distance < 0
    return mask


def _distance(outline: Outline, u: Plane, v: Plane, generator: np.random.Generator) -> Plane:
    if outline == "line":
        bend = generator.uniform(-0.35, 0.35)
        width = generator.uniform(0.06, 0.12)
        return np.asarray(np.maximum(np.abs(v - bend * u * u) - width, np.abs(u) - 1), dtype=np.float32)
    if outline == "ellipse":
        return np.asarray(np.hypot(u, v / np.float32(generator.uniform(0.5, 0.95))) - 1, dtype=np.float32)
    if outline == "shape":
        names = ("square", "hexagon", "kite", "leaf")
        return np.asarray(SHAPES[names[generator.integers(len(names))]](u, v), dtype=np.float32)
    angle = np.arctan2(v, u)
    edge = np.full_like(angle, 0.85)
    for waves in (2, 3, 5):
        edge = edge + np.float32(generator.uniform(0, 0.25 / waves)) * np.cos(waves * angle + generator.uniform(0, 6))
    return np.asarray(np.hypot(u, v) - edge, dtype=np.float32)


def _surface(under: Plane, recipe: Recipe, u: Plane, v: Plane, generator: np.random.Generator) -> Plane:
    """Return the (h, w, 3) colours of the foreground, given the colours under it."""
    if recipe.look == "dark":
        return np.asarray(under * np.float32(generator.uniform(0.25, 0.5)), dtype=np.float32)
    if recipe.look == "bright":
        return np.asarray(under + (255 - under) * np.float32(generator.uniform(0.5, 0.8)), dtype=np.float32)
    if recipe.look == "hidden":
        shade = 1 + 0.5 * (TEXTURES["diagonals"](2 * u, 2 * v) - 0.5)
        return np.asarray(under[::-1, ::-1] * shade[..., None] * generator.uniform(0.8, 1.1), dtype=np.float32)
    light = np.clip(1.1 - np.hypot(u + 0.35, v + 0.35), 0, 1)[..., None]
    if recipe.look == "glossy":
        return np.asarray(under * np.float32(0.8) + light * 110, dtype=np.float32)
    colours = hsv_colours(generator.random(2), generator.uniform(0.3, 0.9, 2), generator.uniform(0.6, 1.0, 2))
    share = TEXTURES["bars"](u, v)[..., None]
    return np.asarray(colours[0] + (colours[1] - colours[0]) * share + 20 * light, dtype=np.float32)
