"""The memory's entries, decoded for pasting. Augmentation and resizing are computed only inside the instance's box."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from core.data.samples import Image
from core.data.transforms.geometry import CropParams, draw_crop
from core.data.transforms.presets import CropSettings
from core.memory.entry import InstanceEntry
from core.memory.geometry import Box
from core.memory.store import InstanceMemory
from core.methods.eir.fitting import Fit, Mask, fit_instance

Resize = Literal["nearest", "bilinear"]


@dataclass(frozen=True, eq=False)
class FittedInstance:
    """An instance, resized for pasting.

    Attributes:
        pixels: (h', w', 3) uint8 RGB of the whole box, background included.
        mask: (h', w') pixels of the instance.
    """

    pixels: Image
    mask: Mask


class InstanceBank:
    """Entries by network channel, as uint8 crops in host memory.

    Attributes:
        entries: in the order of the memory; a paste refers to an entry by its position.
        entries_of: channel -> positions of its entries; channels without entries are left out.
        side_px: side S of the training crop.
    """

    def __init__(self, memory: InstanceMemory, channel_of: Mapping[int, int], config: CropSettings) -> None:
        """Decode the entries of a memory.

        Args:
            memory: instances to paste; may be empty.
            channel_of: raw class id -> network channel, for the classes of the memory.
            config: crop and flip of the training pipeline.
        """
        self.entries = memory.entries
        self.side_px = config.crop_px
        self._config = config
        self._raw_id = {channel_of[entry.drawn_class]: entry.drawn_class for entry in memory.entries}
        drawn = [channel_of[entry.drawn_class] for entry in memory.entries]
        self.entries_of = {
            channel: tuple(position for position, one in enumerate(drawn) if one == channel)
            for channel in sorted(set(drawn))
        }

    def draw_view(self, entry: int, rng: np.random.Generator) -> CropParams:
        """Draw the training augmentation of one entry."""
        width, height = self.entries[entry].canvas_size
        crop = draw_crop(width, height, rng, (self._config.area_min, self._config.area_max))
        return replace(crop, is_flipped=bool(rng.random() < 0.5) and self._config.flip)

    def fit(
        self, entry: int, channel: int, view: CropParams, cell_px: int, resize: Resize = "nearest"
    ) -> FittedInstance | None:
        """Augment an entry, cut out the box of one class and fit it into a cell.

        The result equals augmenting the whole canvas first, up to rounding, but only the box is computed.

        Args:
            entry: position in `entries`.
            channel: class to paste.
            view: augmentation to apply.
            cell_px: side B of the cell.
            resize: interpolation of the pixels; the mask always uses nearest.

        Returns:
            None if this view has nothing to paste; see `fit_instance`.
        """
        item = self.entries[entry]
        mask, (left, top) = _augmented_mask(item, self._raw_id[channel], view, self.side_px)
        fit = fit_instance(mask, cell_px)
        if fit is None:
            return None
        x0, y0, x1, y1 = fit.box
        box = (left + x0, top + y0, left + x1, top + y1)
        pixels = _augmented_pixels(item, box, view, self.side_px)
        return FittedInstance(_resized(pixels, fit, resize), fit.mask)


def _augmented_mask(
    entry: InstanceEntry, class_id: int, view: CropParams, side_px: int
) -> tuple[Mask, tuple[int, int]]:
    """Return the part of the augmented class mask that the entry's crop covers, and its (x, y) origin."""
    width, height = entry.canvas_size
    x0, y0, x1, y1 = entry.box
    rows = _augmented_sources(view.top, view.height, height, side_px)
    columns = _augmented_sources(view.left, view.width, width, side_px)
    if view.is_flipped:
        columns = columns[::-1]
    reached_rows = np.flatnonzero((rows >= y0) & (rows < y1))
    reached_columns = np.flatnonzero((columns >= x0) & (columns < x1))
    if not len(reached_rows) or not len(reached_columns):
        return np.zeros((0, 0), np.bool_), (0, 0)
    part = entry.label_crop.take(rows[reached_rows] - y0, axis=0).take(columns[reached_columns] - x0, axis=1)
    return part == class_id, (int(reached_columns[0]), int(reached_rows[0]))


def _augmented_sources(start: int, length: int, extent: int, side_px: int) -> npt.NDArray[np.int32]:
    """Return the canvas row (or column) behind each row of the augmented label, sampled as in the pipeline."""
    ramp = PillowImage.fromarray(np.arange(extent, dtype=np.int32)[None, :])
    picked = ramp.resize((side_px, 1), PillowImage.Resampling.NEAREST, box=(start, 0, start + length, 1))
    sources: npt.NDArray[np.int32] = np.asarray(picked)[0]
    return sources


def _augmented_pixels(entry: InstanceEntry, box: Box, view: CropParams, side_px: int) -> Image:
    """Return the pixels (h, w, 3) of the augmented image inside a box."""
    x0, y0, x1, y1 = box
    if view.is_flipped:
        x0, x1 = side_px - x1, side_px - x0
    scale_x, scale_y = view.width / side_px, view.height / side_px
    source = (view.left + x0 * scale_x, view.top + y0 * scale_y, view.left + x1 * scale_x, view.top + y1 * scale_y)
    # The antialiasing filter reaches one source pixel, or one target pixel if that is larger, beyond the box.
    # It does not reach what the view has cut off.
    reach_x, reach_y = math.ceil(max(1.0, scale_x)) + 1, math.ceil(max(1.0, scale_y)) + 1
    left, top = max(view.left, math.floor(source[0]) - reach_x), max(view.top, math.floor(source[1]) - reach_y)
    right = min(view.left + view.width, math.ceil(source[2]) + reach_x)
    bottom = min(view.top + view.height, math.ceil(source[3]) + reach_y)
    window = PillowImage.fromarray(_canvas_window(entry, (left, top, right, bottom)))
    local = (source[0] - left, source[1] - top, source[2] - left, source[3] - top)
    pixels = np.asarray(window.resize((x1 - x0, y1 - y0), PillowImage.Resampling.BILINEAR, box=local))
    return pixels[:, ::-1] if view.is_flipped else pixels


def _canvas_window(entry: InstanceEntry, window: Box) -> Image:
    """Return a window of the rebuilt canvas, black outside the entry's crop."""
    left, top, right, bottom = window
    x0, y0, x1, y1 = entry.box
    pixels = np.zeros((bottom - top, right - left, 3), np.uint8)
    inner = (max(left, x0), max(top, y0), min(right, x1), min(bottom, y1))
    pixels[inner[1] - top : inner[3] - top, inner[0] - left : inner[2] - left] = entry.crop[
        inner[1] - y0 : inner[3] - y0, inner[0] - x0 : inner[2] - x0
    ]
    return pixels


def _resized(pixels: Image, fit: Fit, resize: Resize) -> Image:
    if resize == "nearest":
        return pixels.take(fit.rows, axis=0).take(fit.columns, axis=1)
    image = PillowImage.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((len(fit.columns), len(fit.rows)), PillowImage.Resampling.BILINEAR))
