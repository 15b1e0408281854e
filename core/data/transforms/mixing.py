"""Mixing of images and their labels: copy-paste, CutMix, CutOut, ClassMix (STAL 4.4, 4.5).

A keep-mask is bool: True where a pixel stays, False where the partner's pixel replaces it. Random numbers are
arguments: callers draw them from a generator, tests pass recorded ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from torch import Tensor

from core.data.classes import IGNORE_INDEX

EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


class Region(NamedTuple):
    """A rectangle in pixels; the far edge is exclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def mask(self, height: int, width: int, device: torch.device | None = None) -> Tensor:
        """Return (H, W) bool, True inside."""
        inside = torch.zeros(height, width, dtype=torch.bool, device=device)
        inside[self.top : self.bottom, self.left : self.right] = True
        return inside


class MixedBatch(NamedTuple):
    """Images (B, 3, H, W), labels (B, H, W) and a confidence (B, H, W) mixed by the same mask."""

    images: Tensor
    labels: Tensor
    confidence: Tensor


def copy_paste(
    images: Tensor, labels: Tensor, partner_images: Tensor, partner_labels: Tensor, classes: Tensor
) -> tuple[Tensor, Tensor]:
    """Overwrite each image with its partner's pixels of some classes (AEL's adaptive copy-paste).

    A partner whose labels sum to 0 (it shows at most class 0) is skipped, as published.

    Args:
        images: (B, 3, H, W).
        labels: (B, H, W) int64.
        partner_images: (B, 3, H, W).
        partner_labels: (B, H, W) int64.
        classes: (n,) int64 class ids to paste.
    """
    pasted = torch.isin(partner_labels, classes) & (partner_labels.flatten(1).sum(dim=1) > 0)[:, None, None]
    return torch.where(pasted[:, None], partner_images, images), torch.where(pasted, partner_labels, labels)


def components(prediction: npt.NDArray[np.integer], class_id: int) -> tuple[npt.NDArray[np.int32], int]:
    """Label the 8-connected components of a class, 1, 2, … in row-major order of their first pixels.

    Args:
        prediction: (H, W) class ids.
        class_id: the class.

    Returns:
        (H, W) with 0 elsewhere, and the number of components.
    """
    found, count = ndimage.label(prediction == class_id, structure=EIGHT_NEIGHBOURS)
    ids, first = np.unique(found, return_index=True)
    rank = np.zeros(count + 1, dtype=np.int32)
    rank[ids[ids > 0][np.argsort(first[ids > 0], kind="stable")]] = np.arange(1, count + 1)
    return rank[found], int(count)


def component_region(numbered: npt.NDArray[np.int32], order: Sequence[int], area_share: float) -> Region | None:
    """Return the bounding box of the first component that is large enough, or None.

    Args:
        numbered: (H, W) from `components`.
        order: component numbers, from 1, in the order of the visits.
        area_share: share of H·W that the component's area must exceed.
    """
    sizes = np.bincount(numbered.ravel())
    chosen = next((number for number in order if sizes[number] > area_share * numbered.size), None)
    if chosen is None:
        return None
    rows, columns = ndimage.find_objects(numbered, max_label=chosen)[chosen - 1]
    return Region(rows.start, columns.start, rows.stop, columns.stop)


def half_area_region(height: int, width: int, u: float, v_row: float, v_col: float) -> Region:
    """Return a rectangle of half the area: height share y = 0.5^u, width share 0.5/y, placed by v in [0, 1)."""
    share = math.exp(u * math.log(0.5))
    # Python rounds halves to even, as the published code does.
    rows, columns = round(share * height), round(0.5 / share * width)
    top, left = round((height - rows) * v_row), round((width - columns) * v_col)
    return Region(top, left, top + rows, left + columns)


def cutmix_region(
    prediction: npt.NDArray[np.integer], class_id: int, area_share: float, generator: np.random.Generator
) -> Region:
    """Return AEL's adaptive CutMix region of a partner: a large component of a class, else half the area.

    Args:
        prediction: (H, W) the teacher's prediction on the partner.
        class_id: the class to mix in.
        area_share: a component must have more than this share of the pixels.
        generator: draws the visiting order, and the rectangle if no component is large enough.
    """
    numbered, count = components(prediction, class_id)
    region = component_region(numbered, (generator.permutation(count) + 1).tolist(), area_share)
    if region is not None:
        return region
    u, v_row, v_col = generator.random(3).tolist()
    return half_area_region(prediction.shape[0], prediction.shape[1], u, v_row, v_col)


def draw_box(height: int, width: int, generator: np.random.Generator) -> tuple[int, int, int]:
    """Draw width, x and y of a rectangle of half the area (U2PL's CutMix): width in [⌊W/2⌋ + 1, W − 1]."""
    box_w = int(generator.integers(width // 2 + 1, max(width, width // 2 + 2)))
    box_h = round(height * width / 2 / box_w)
    x = int(generator.integers(0, width - box_w + 1))
    return box_w, x, int(generator.integers(0, height - box_h + 1))


def box_keep_mask(height: int, width: int, draws: Sequence[int], device: torch.device | None = None) -> Tensor:
    """Return the keep-mask of one image from (box width, x start, y start): False inside the box."""
    box_w, x, y = draws
    box_h = round(height * width / 2 / box_w)
    return ~Region(y, x, y + box_h, x + box_w).mask(height, width, device)


def class_keep_mask(labels: Tensor, permutation: Sequence[int]) -> Tensor:
    """Return ClassMix's mask of one image, (H, W): True at half of its classes.

    Args:
        labels: (H, W).
        permutation: a permutation of the positions of the ascending distinct labels; its first half is chosen.
    """
    distinct: Tensor = torch.unique(labels)
    chosen = torch.as_tensor(permutation, device=labels.device)[: len(distinct) // 2]
    return torch.isin(labels, distinct[chosen])


def cut_out(batch: MixedBatch, keep: Tensor) -> MixedBatch:
    """Blank the pixels that are not kept: image 0, label 255, confidence 0; `keep` is (B, H, W)."""
    return MixedBatch(
        batch.images * keep[:, None],
        torch.where(keep, batch.labels, IGNORE_INDEX),
        batch.confidence * keep,
    )


def mix_with_next(batch: MixedBatch, keep: Tensor) -> MixedBatch:
    """Replace pixels that are not kept by the next image's, in the last image by the first's; `keep` is (B, H, W)."""
    partner = MixedBatch(*(part.roll(-1, dims=0) for part in batch))
    return MixedBatch(
        torch.where(keep[:, None], batch.images, partner.images),
        torch.where(keep, batch.labels, partner.labels),
        torch.where(keep, batch.confidence, partner.confidence),
    )
