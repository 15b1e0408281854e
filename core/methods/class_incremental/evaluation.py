"""Test a model: test images -> confusion matrix -> scores of a continual step (EIR 6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.loaders import Batch
from core.engine.testing import pass_through
from core.methods.class_incremental.growing_model import SegmentationModel
from core.metrics.confusion import ConfusionMatrix, predict
from core.metrics.iou import class_groups
from core.metrics.rules import DecisionRule
from core.metrics.score_rows import class_rows, group_rows
from core.stage.events import BACKGROUND_ID, EvaluationRecord, Scores


@dataclass(frozen=True)
class EvaluationOutline:
    """What was evaluated.

    Attributes:
        step: the model is tested after this continual step.
        iteration: number of training iterations.
        learning_order: raw ids of the known classes, in the order of the channels from 1 on.
        classes_per_step: |N_s| of each step so far.
        has_background: whether the dataset has a background. If not, no mean includes channel 0.
        split: split of the dataset.
    """

    step: int
    iteration: int
    learning_order: tuple[int, ...]
    classes_per_step: tuple[int, ...]
    has_background: bool = True
    split: str = "test"

    @property
    def channels(self) -> list[int]:
        """Raw class id of each channel."""
        return [BACKGROUND_ID, *self.learning_order]


def confusion_matrix(
    model: SegmentationModel, batches: Iterable[Batch], rule: DecisionRule, device: torch.device, dtype: torch.dtype
) -> npt.NDArray[np.int64]:
    """Test a model. Counts stay on the device until the end.

    Args:
        model: on the device; its training mode is restored.
        batches: images, and labels as channels or 255.
        rule: turns logits into a class.
        device: device of the model.
        dtype: precision of the forward passes.

    Returns:
        (C, C) pixel counts; rows are ground truth.
    """
    confusion = ConfusionMatrix(model.num_channels, device)

    def count(batch: Batch, logits: Tensor) -> None:
        sized = at_size(logits, batch.labels.shape[1:])
        confusion.update(batch.labels.to(device, non_blocking=True), predict(sized, rule))

    pass_through(model, batches, model, count, device=device, dtype=dtype)
    return confusion.matrix()


def at_size(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Resize logits (B, C, H, W) to the size of the labels. They differ for whole images at training scale."""
    if list(logits.shape[2:]) == list(size):
        return logits
    return F.interpolate(logits, size=list(size), mode="bilinear", align_corners=False)


def scores_event(
    outline: EvaluationOutline, matrix: npt.NDArray[np.int64], records: Sequence[EvaluationRecord] = ()
) -> Scores:
    """Return the event with all scores of a matrix: per class and per group of classes.

    Args:
        outline: what was tested.
        matrix: (C, C).
        records: files that the evaluation leaves behind.
    """
    counted = range(0 if outline.has_background else 1, len(matrix))
    groups = class_groups(outline.classes_per_step, outline.has_background)
    means = (group_rows(matrix, group, channels) for group, channels in groups.items())
    return Scores(
        split=outline.split,
        step=outline.step,
        iteration=outline.iteration,
        scores=[*class_rows(matrix, outline.channels, counted), *chain.from_iterable(means)],
        records=list(records),
    )
