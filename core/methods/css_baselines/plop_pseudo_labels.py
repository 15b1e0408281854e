"""Pseudo labels of PLOP (CVPR 2021): the old model's class where its entropy is low for that class (EIR 8.5).

PAPER: the entropy of a pixel, divided by log T, is compared with its class's median over the step's background pixels.
REFERENCE: the entropy is a mean over channels, divided by log T and once more by log C, and the medians come from a
histogram of 100 bins whose running sum is not cumulative; `code_compat` reproduces this.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX

LEAST_THRESHOLD = 0.001
"""The smallest threshold of a class, and that of a class that is never predicted."""
BINS = 100
_EPSILON = 1e-8
_ACCEPTS_ALL = 1e30
_HALF_BITS, _HALF = 16, 1 << 16


class PseudoLabels(NamedTuple):
    """Labels with accepted pseudo labels, and the factor ν of each image's cross-entropy.

    Attributes:
        labels: (B, H, W) int64; rejected pixels are 255.
        factors: (B,) in [0, 1].
    """

    labels: Tensor
    factors: Tensor


def normalised_entropy(probs: Tensor) -> Tensor:
    """Return u = −Σ p log p / log T of (B, T, H, W), in [0, 1]: (B, H, W)."""
    entropy: Tensor = torch.special.entr(probs).sum(dim=1)
    return entropy / math.log(probs.shape[1])


def reference_entropy(probs: Tensor) -> Tensor:
    """Return the published code's entropy of (B, T, H, W): a mean over channels instead of a sum.

    The code compares it, and counts it in its histogram, after a division by log C.
    """
    return -(probs * (probs + _EPSILON).log()).mean(dim=1) / math.log(probs.shape[1] + _EPSILON)


def apply_pseudo_labels(
    labels: Tensor, logits_old: Tensor, thresholds: Tensor, num_channels: int, *, code_compat: bool = False
) -> PseudoLabels:
    """Replace labels below T by the old model's class where its entropy is below the class's threshold, else by 255.

    Args:
        labels: (B, H, W) int64 channels or 255; those below T count as background.
        logits_old: (B, T, H, W).
        thresholds: τ of each old channel, (T,) or longer.
        num_channels: C; used by `code_compat` only.
        code_compat: use the published code's entropy and factor.
    """
    probs = logits_old.softmax(dim=1)
    predicted = probs.argmax(dim=1)
    entropy = reference_entropy(probs) / math.log(num_channels) if code_compat else normalised_entropy(probs)
    is_background = labels < logits_old.shape[1]
    accepted = is_background & (entropy < thresholds[predicted])
    pseudo = torch.where(accepted, predicted, torch.where(is_background, IGNORE_INDEX, labels))
    count = is_background.sum(dim=(1, 2))
    divisor = count + 1e-6 if code_compat else count.clamp(min=1)
    return PseudoLabels(pseudo, accepted.sum(dim=(1, 2)) / divisor)


class ExactMedians:
    """Exact median of each class over a stream of values that is read twice; memory does not grow with the stream.

    The bits of float32 values ≥ 0 ascend with the values. The first pass counts their upper halves, which locates the
    two middle values; the second pass counts the lower halves there.
    """

    passes = 2

    def __init__(self, num_classes: int, device: torch.device | str = "cpu") -> None:
        self._upper = torch.zeros(num_classes, _HALF, dtype=torch.int64, device=device)
        self._lower = torch.zeros(2, num_classes, _HALF, dtype=torch.int64, device=device)

    def add(self, values: Tensor, classes: Tensor, counts: Tensor, number: int) -> None:
        """Count the values of a batch.

        Args:
            values: float32 ≥ 0, of any shape.
            classes: int64 class of each value.
            counts: bool, the values that count.
            number: of the pass, 0 or 1.
        """
        bits = values.float().clamp(min=0).flatten().view(torch.int32).long()
        upper, lower, classes, counts = bits >> _HALF_BITS, bits & (_HALF - 1), classes.flatten(), counts.flatten()
        if number == 0:
            _count(self._upper, classes, upper, counts)
            return
        for middle, counted in zip(self._middles(), self._lower, strict=True):
            _count(counted, classes, lower, counts & (upper == middle.bins[classes]))

    def medians(self) -> Tensor:
        """Return the median of each class (C,): of an even count the mean of the two middle values; 0 without one."""
        values = []
        for middle, counted in zip(self._middles(), self._lower, strict=True):
            low = (counted.cumsum(dim=1) <= middle.ranks[:, None]).sum(dim=1).clamp(max=_HALF - 1)
            values.append(((middle.bins << _HALF_BITS) | low).int().view(torch.float32))
        has_any = self._upper.sum(dim=1) > 0
        return torch.where(has_any, (values[0] + values[1]) / 2, 0)

    def _middles(self) -> list[_Middle]:
        """Return where the lower and the upper middle value lie: the bin of each class, and the rank inside it."""
        totals = self._upper.cumsum(dim=1)
        total = totals[:, -1]
        middles = []
        for rank in ((total - 1).clamp(min=0) // 2, total // 2):
            bins = (totals <= rank[:, None]).sum(dim=1).clamp(max=_HALF - 1)
            before = (totals - self._upper).gather(1, bins[:, None])[:, 0]
            middles.append(_Middle(bins, rank - before))
        return middles


class _Middle(NamedTuple):
    bins: Tensor
    ranks: Tensor


class ReferenceMedians:
    """The published code's medians: of a histogram of 100 bins, whose running sum adds bin numbers instead of counts.

    It reads the stream once.
    """

    passes = 1

    def __init__(self, num_classes: int, device: torch.device | str = "cpu") -> None:
        self._counts = torch.zeros(num_classes, BINS, dtype=torch.int64, device=device)

    def add(self, values: Tensor, classes: Tensor, counts: Tensor, number: int) -> None:  # noqa: ARG002 - one pass
        """Count the values of a batch; arguments as in `ExactMedians.add`."""
        bins = (values.flatten() * BINS).long().clamp(max=BINS - 1)
        _count(self._counts, classes.flatten(), bins, counts.flatten())

    def medians(self) -> Tensor:
        """Return the "median" of each class (C,); 0 without a value."""
        counts = self._counts.double()
        half = counts.sum(dim=1, keepdim=True) / 2
        borders = torch.arange(BINS, device=counts.device, dtype=torch.float64)
        running = borders.cumsum(dim=0) - borders  # 0, 0, 1, 3, 6, …: the numbers of the bins before
        fits = (half >= running) & (half <= running + counts)
        # Where no bin fits, the reference stays at its last one.
        found = torch.where(fits.any(dim=1), fits.int().argmax(dim=1), BINS - 1)
        inside = (half[:, 0] - running[found]) / counts.gather(1, found[:, None])[:, 0]
        return torch.where(half[:, 0] > 0, (found + inside) / BINS, 0).float()


Medians = ExactMedians | ReferenceMedians


def thresholds_from(medians: Tensor) -> Tensor:
    """Return τ = max(median, 0.001) of each class (C,), finite: the reference's histogram may give 0/0 or x/0."""
    return medians.nan_to_num(nan=0.0, posinf=_ACCEPTS_ALL).clamp(min=LEAST_THRESHOLD)


def _count(into: Tensor, classes: Tensor, bins: Tensor, counts: Tensor) -> None:
    """Add 1 at (class, bin) for every value that counts."""
    cells = classes * into.shape[1] + bins
    into += torch.bincount(cells, weights=counts.double(), minlength=into.numel()).long().view_as(into)
