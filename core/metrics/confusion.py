"""Decisions from logits, and their confusion matrix on the device."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.metrics.rules import DecisionRule


def predict(logits: Tensor, rule: DecisionRule = "threshold") -> Tensor:
    """Return the channel of each pixel (EIR 6).

    Args:
        logits: (B, C, H, W) at the size of the labels, channel 0 is background.
        rule: "threshold" takes the best channel ≥ 1, or background if none has a probability over 0.5, i.e. a
            logit over 0; it does not read channel 0. "argmax_all" takes the best of all channels. "best_class" takes
            the best channel ≥ 1, for data whose every pixel has a class. Ties go to the lower channel.

    Returns:
        (B, H, W) int64.
    """
    if rule == "argmax_all":
        return logits.argmax(dim=1)
    best, channel = logits[:, 1:].max(dim=1)
    if rule == "best_class":
        return channel + 1
    return torch.where(best > 0, channel + 1, 0)


class ConfusionMatrix:
    """Counts of (ground truth, prediction) pairs; nothing leaves the device before `matrix` is called.

    Args:
        num_classes: C, background included.
        device: device of labels and predictions.
    """

    def __init__(self, num_classes: int, device: torch.device | str = "cpu") -> None:
        self.num_classes = num_classes
        self._counts = torch.zeros(num_classes**2, dtype=torch.int64, device=device)

    def update(self, labels: Tensor, predictions: Tensor) -> None:
        """Count pixels; those whose label is outside [0, C), such as 255, are skipped.

        Args:
            labels: integers of any shape that fit 16 bits.
            predictions: channels in [0, C), of the same shape.
        """
        if labels.shape != predictions.shape:
            raise ValueError(f"labels {tuple(labels.shape)} and predictions {tuple(predictions.shape)} differ in shape")
        classes = self.num_classes
        # A row before the matrix and one after it collect skipped pixels: selecting by mask would wait for the device.
        # Small cell indices make counting more than twice as fast on CPUs.
        num_cells = classes * (classes + 2)
        narrow = torch.int16 if num_cells < 2**15 else torch.int32
        rows = labels.to(narrow).clamp(-1, classes) + 1
        cells = rows.mul_(classes).add_(predictions.to(narrow)).flatten()
        self._counts += torch.bincount(cells, minlength=num_cells)[classes:-classes]

    def matrix(self) -> npt.NDArray[np.int64]:
        """Return the counts (C, C), rows ground truth, columns predictions."""
        counts: npt.NDArray[np.int64] = self._counts.reshape(self.num_classes, self.num_classes).cpu().numpy()
        return counts
