"""The plan of the pastes: potential classes, cells, fillers, random draws (EIR 4.4, steps 3 to 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.data.transforms.geometry import CropParams
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.options import BetaBlend, PasteOptions

MAX_PASTES = 3
NUM_IDS = 256

Corner = tuple[int, int]
"""(row, column) of a cell's top left pixel."""


@dataclass(frozen=True)
class Paste:
    """One planned paste.

    Attributes:
        image: position in the batch.
        channel: class of the instance.
        entry: position in the instance bank.
        corner: top left corner of the cell.
        lam: λ, the weight of the instance in the blend.
        view: augmentation of the entry.
    """

    image: int
    channel: int
    entry: int
    corner: Corner
    lam: float
    view: CropParams


def plan_pastes(
    labels: Tensor,
    pseudo_labels: Tensor,
    bank: InstanceBank,
    rngs: Sequence[np.random.Generator],
    options: PasteOptions,
) -> list[Paste]:
    """Plan the pastes of a batch. Waits once for the device.

    An image's plan depends on its labels and its own generator only, never on the rest of the batch.

    Args:
        labels: (B, S, S) int64 channels or 255, before pseudo labelling.
        pseudo_labels: (B, S, S) labels after pseudo labelling.
        bank: instances to paste. Classes without entries are neither potential classes nor fillers.
        rngs: one generator per image.
        options: rules of choice.

    Returns:
        The pastes image by image, in order of application; at most three per image.
    """
    if not options.enabled or not bank.entries:
        return []
    cell_px = options.cell_px(labels.shape[-1])
    counts = background_counts(pseudo_labels, cell_px)  # (B, K)
    is_potential = potential_classes(labels, pseudo_labels)  # (B, NUM_IDS)
    facts = torch.cat([is_potential.to(counts.dtype), counts], dim=1).cpu().numpy()
    corners = cell_corners(labels.shape[-1], cell_px)
    plan: list[Paste] = []
    for image, (row, rng) in enumerate(zip(facts, rngs, strict=True)):
        potential = [channel for channel in np.flatnonzero(row[:NUM_IDS]).tolist() if channel in bank.entries_of]
        cells = [corners[cell] for cell in rank_cells(row[NUM_IDS:])[:MAX_PASTES]]
        plan += plan_image(image, potential[:MAX_PASTES], cells, bank, rng, options)
    return plan


def plan_image(
    image: int,
    potential: Sequence[int],
    cells: Sequence[Corner],
    bank: InstanceBank,
    rng: np.random.Generator,
    options: PasteOptions,
) -> list[Paste]:
    """Draw the pastes of one image.

    The m-th potential class goes to the m-th cell. Fillers take the next cells, or all of them the first cell; their
    classes are drawn uniformly. Entries are drawn uniformly from the class. If there are too few cells, cells repeat.

    Args:
        image: position in the batch.
        potential: channels with entries, ascending, at most three.
        cells: the emptiest cells, best first, at least one.
        bank: instances to paste; not empty.
        rng: the image's generator.
        options: rules of choice.
    """
    fillers = rng.choice(list(bank.entries_of), count_fillers(len(potential), options.filler)).tolist()
    pastes = []
    for position, channel in enumerate([*potential, *fillers]):
        is_stacked = position >= len(potential) and options.placement == "best_cell"
        entries = bank.entries_of[channel]
        entry = entries[int(rng.integers(len(entries)))]
        corner = cells[0 if is_stacked else position % len(cells)]
        view = bank.draw_view(entry, rng)
        pastes.append(Paste(image, channel, entry, corner, _draw_lambda(options.lambda_, rng), view))
    return pastes


def potential_classes(labels: Tensor, pseudo_labels: Tensor) -> Tensor:
    """Return the classes that are in an image's pseudo labels but not in its labels: (B, 256) bool, by id.

    Args:
        labels: (B, H, W) int64 ids in [0, 255]; 0 and 255 never count.
        pseudo_labels: (B, H, W).
    """
    is_new = _presence(pseudo_labels) & ~_presence(labels)
    is_new[:, 0] = False
    is_new[:, IGNORE_INDEX] = False
    return is_new


def count_fillers(num_potential: int, rule: Literal["lt2", "empty", "none"]) -> int:
    """Return the number of fillers that bring an image to three pastes.

    Args:
        num_potential: number of potential classes of the image.
        rule: "lt2" fills if there are fewer than two, "empty" if there is none, "none" never.
    """
    enough = {"lt2": 2, "empty": 1, "none": 0}[rule]
    return MAX_PASTES - num_potential if num_potential < enough else 0


def cell_corners(side_px: int, cell_px: int) -> list[Corner]:
    """Return the corners of a canvas's whole cells in scan order."""
    starts = range(0, side_px - cell_px + 1, cell_px)
    return [(row, column) for row in starts for column in starts]


def background_counts(labels: Tensor, cell_px: int) -> Tensor:
    """Count the pixels labelled 0 or 255 in each cell.

    Args:
        labels: (B, S, S) int64.
        cell_px: side of a cell, at most S.

    Returns:
        (B, K) int64, cells in scan order.
    """
    num = labels.shape[-1] // cell_px
    inside = labels[:, : num * cell_px, : num * cell_px]
    is_background = (inside == 0) | (inside == IGNORE_INDEX)
    return is_background.reshape(-1, num, cell_px, num, cell_px).sum(dim=(2, 4)).flatten(1)


def rank_cells(counts: npt.NDArray[np.int64]) -> list[int]:
    """Return the cells in descending order of background pixels; ties stay in scan order."""
    order: list[int] = np.argsort(-counts, kind="stable").tolist()
    return order


def _presence(labels: Tensor) -> Tensor:
    is_present = torch.zeros(len(labels), NUM_IDS, dtype=torch.bool, device=labels.device)
    return is_present.scatter_(1, labels.flatten(1), True)


def _draw_lambda(rule: BetaBlend | float, rng: np.random.Generator) -> float:
    return float(rng.beta(*rule.beta)) if isinstance(rule, BetaBlend) else rule
