"""Pastes of instances that are already augmented, as the recordings hold them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from core.methods.eir.fitting import fit_instance
from core.methods.eir.paste_plan import Corner
from core.methods.eir.pasting import PlacedInstance


def place_instance(
    instance: tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]],
    channel: int,
    cell_px: int,
    corner: Corner,
    lam: float,
    image: int = 0,
) -> list[PlacedInstance]:
    """Fit an augmented instance, (3, S, S) pixels and (S, S) labels, into a cell; empty when it cannot be pasted."""
    pixels, labels = instance
    fit = fit_instance(labels == channel, cell_px)
    if fit is None:
        return []
    x0, y0, _, _ = fit.box
    fitted = pixels[:, (y0 + fit.rows)[:, None], x0 + fit.columns]
    return [PlacedInstance(image, channel, corner, lam, torch.from_numpy(fitted), torch.from_numpy(fit.mask))]
