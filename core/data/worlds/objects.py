"""The world *objects*: textured shapes on cluttered backgrounds, with exact class and instance masks.

A class is a pair of shape and texture. Each shape and each texture belongs to several of the twenty classes, and the
ranges of colours overlap, so no single cue tells the classes apart. By default a picture shows one or two of all
classes. So early pictures also show classes of later steps, as unlabelled objects in the background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.classes import IGNORE_INDEX
from core.data.samples import Image, LabelMap
from core.data.worlds.drawing import SHAPES, TEXTURES, Plane, blend, frame, hsv_colours, smooth_noise

RECIPES: tuple[tuple[str, str], ...] = (
    ("disc", "bars"),
    ("square", "mesh"),
    ("triangle", "pales"),
    ("star", "dots"),
    ("kite", "checks"),
    ("ring", "spokes"),
    ("plus", "diagonals"),
    ("crescent", "dots"),
    ("hexagon", "rings"),
    ("leaf", "bars"),
    ("disc", "mesh"),
    ("square", "dots"),
    ("triangle", "checks"),
    ("star", "spokes"),
    ("kite", "pales"),
    ("ring", "checks"),
    ("plus", "rings"),
    ("crescent", "diagonals"),
    ("hexagon", "spokes"),
    ("leaf", "rings"),
)
"""Shape and texture of raw class id 1 + i; the names are `core.data.classes.OBJECT_NAMES`."""

_TRIES = 12
_SECOND_INSTANCE = 0.25


@dataclass(frozen=True)
class Scene:
    """One picture and its ground truth; S is the side, K the number of instances.

    Attributes:
        image: (S, S, 3) RGB.
        label: (S, S) raw class ids, 0 background, 255 on the outlines of objects as in PASCAL VOC.
        instances: (S, S) 1 + index of the visible instance, 0 background, 255 on outlines.
        instance_classes: (K,) raw class ids; later instances lie over earlier ones.
    """

    image: Image
    label: LabelMap
    instances: LabelMap
    instance_classes: npt.NDArray[np.int64]

    @property
    def masks(self) -> npt.NDArray[np.bool_]:
        """(K, S, S) the visible pixels of each instance."""
        numbers = np.arange(1, len(self.instance_classes) + 1, dtype=np.uint8)
        return np.equal(self.instances[None], numbers[:, None, None], dtype=np.bool_)

    @property
    def boxes(self) -> npt.NDArray[np.int64]:
        """(K, 4) COCO boxes (x, y, width, height) in pixels around the visible pixels; all 0 for a hidden instance."""
        masks = self.masks
        columns, rows = np.logical_or.reduce(masks, axis=1), np.logical_or.reduce(masks, axis=2)  # (K, S) each
        first = np.stack([columns.argmax(1), rows.argmax(1)], axis=1)
        last = self.label.shape[0] - np.stack([columns[:, ::-1].argmax(1), rows[:, ::-1].argmax(1)], axis=1)
        boxes = np.concatenate([first, last - first], axis=1)
        boxes[~columns.any(axis=1)] = 0
        return boxes


@dataclass(frozen=True)
class ObjectsWorld:
    """Draws pictures that are pure functions of (seed, index).

    Attributes:
        classes: number of classes, 1 to 20.
        size_px: side of the square pictures.
        density: minimum and maximum number of classes in a picture.
        seed: seed of the world.
    """

    classes: int
    size_px: int
    density: tuple[int, int] = (1, 2)
    seed: int = 0

    def scene(self, index: int) -> Scene:
        """Draw one picture."""
        generator = np.random.default_rng([self.seed, index])
        canvas = self._background(generator)
        label = np.zeros((self.size_px, self.size_px), dtype=np.uint8)
        instances = np.zeros_like(label)
        shown = self._choose_classes(generator)
        radii = self.size_px * generator.uniform(0.16, 0.25, len(shown)) / np.sqrt(max(1.0, len(shown) / 3))
        centres = _scatter(generator, radii, self.size_px)
        outline_px = max(1.0, self.size_px / 96)
        for number, (class_id, radius, centre) in enumerate(zip(shown, radii, centres, strict=True), start=1):
            distance, part = _draw_object(canvas, int(class_id), float(radius), centre, generator)
            for plane, inside in ((label, class_id), (instances, number)):
                plane[part][distance < outline_px / 2] = IGNORE_INDEX
                plane[part][distance < -outline_px / 2] = inside
        canvas += generator.normal(0, 5, canvas.shape[:2]).astype(np.float32)[..., None]
        image = np.clip(canvas, 0, 255).astype(np.uint8)
        return Scene(image, label, instances, shown)

    def _choose_classes(self, generator: np.random.Generator) -> npt.NDArray[np.int64]:
        count = generator.integers(self.density[0], self.density[1] + 1)
        chosen = 1 + generator.permutation(self.classes)[:count]
        again = chosen[generator.random(count) < _SECOND_INSTANCE]
        return generator.permutation(np.concatenate([chosen, again])).astype(np.int64)

    def _background(self, generator: np.random.Generator) -> Plane:
        """Return an (S, S, 3) canvas of blotches at two scales, with a few things on it that belong to no class."""
        palette = hsv_colours(generator.random(6), generator.uniform(0.1, 0.7, 6), generator.uniform(0.15, 0.95, 6))
        canvas = 0.6 * smooth_noise(generator, self.size_px, 3, palette)
        canvas += 0.4 * smooth_noise(generator, self.size_px, 14, palette)
        textures = list(TEXTURES.values())
        for _ in range(generator.integers(3, 7)):
            radius, aspect = generator.uniform((0.08, 0.25), (0.3, 1.0)) * (self.size_px, 1)
            centre_x, centre_y = generator.uniform(0, self.size_px, 2)
            rows, columns, u, v = frame((centre_x, centre_y), radius, generator.uniform(0, np.pi), self.size_px)
            colours = hsv_colours(generator.random(2), generator.uniform(0.1, 0.8, 2), generator.uniform(0.2, 0.95, 2))
            texture = textures[generator.integers(len(textures))](u * 1.5, v * 1.5)
            # Clutter has the same patterns as the objects, at a fraction of their contrast.
            share = (generator.uniform(0, 0.35) * texture)[..., None]
            alpha = np.clip(0.5 - (np.hypot(u, v / np.float32(aspect)) - 0.9) * radius, 0, 1)
            blend(canvas, (rows, columns), colours[0] + (colours[1] - colours[0]) * share, alpha)
        return canvas


def _draw_object(
    canvas: Plane, class_id: int, radius: float, centre: npt.NDArray[np.float64], generator: np.random.Generator
) -> tuple[Plane, tuple[slice, slice]]:
    """Draw one object; return its signed distance in pixels on the part of the canvas that it may touch."""
    shape, texture = RECIPES[class_id - 1]
    angle, squeeze = generator.uniform(-0.4, 0.4), np.float32(generator.uniform(0.88, 1.0))
    rows, columns, u, v = frame((centre[0], centre[1]), radius, angle, canvas.shape[0])
    distance = SHAPES[shape](u / squeeze, v).astype(np.float32) * np.float32(radius)
    # Neighbouring hues are only a third of the spread apart, so the hue is no more than a hint of the class.
    hues = 0.618 * class_id + generator.normal(0, 0.16), generator.random()
    values = generator.uniform((0.55, 0.1), (1.0, 0.45))
    colours = hsv_colours(hues, generator.uniform(0.3, 0.9, 2), values[:: generator.choice((-1, 1))])
    scale, (shift_u, shift_v) = np.float32(generator.uniform(0.85, 1.15)), generator.uniform(-0.1, 0.1, 2)
    share = TEXTURES[texture](scale * u + np.float32(shift_u), scale * v + np.float32(shift_v))[..., None]
    light = np.float32(1) + generator.uniform(-0.2, 0.2) * (u + v)[..., None]
    blend(
        canvas, (rows, columns), (colours[0] + (colours[1] - colours[0]) * share) * light, np.clip(0.5 - distance, 0, 1)
    )
    return distance, (rows, columns)


def _scatter(generator: np.random.Generator, radii: npt.NDArray[np.float64], size_px: int) -> npt.NDArray[np.float64]:
    """Return (K, 2) centres: the first of a few tries that hides little of earlier objects, else the farthest try."""
    tries = generator.random((len(radii), _TRIES, 2))
    margins = 0.8 * radii[:, None, None]
    tries = margins + tries * (size_px - 2 * margins)
    centres = tries[:, 0].copy()
    for index in range(1, len(radii)):
        apart = np.hypot(*np.moveaxis(tries[index][:, None] - centres[:index], -1, 0))  # (tries, earlier)
        clearance = (apart / (radii[index] + radii[:index])).min(axis=1)
        free = np.flatnonzero(clearance > 0.75)
        centres[index] = tries[index, free[0] if len(free) else clearance.argmax()]
    return centres
