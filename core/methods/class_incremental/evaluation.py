"""A model over test images -> one confusion matrix -> the scores of a continual step (spec EIR 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.loaders import Batch
from core.engine.testing import pass_through
from core.methods.class_incremental.growing_model import SegmentationModel
from core.metrics.confusion import ConfusionMatrix, predict
from core.metrics.continual import ContinualScores, continual_scores
from core.metrics.iou import class_accuracy, class_groups, group_scores, harmonic_mean
from core.metrics.rules import DecisionRule
from core.stage.events import BACKGROUND_ID, Score, Scores

ConfusionMatrices = Sequence[npt.NDArray[np.int64]]


@dataclass(frozen=True)
class EvaluationOutline:
    """What an evaluation was of.

    Attributes:
        step: continual step after which the model is tested.
        iteration: iterations the model was trained for.
        learning_order: raw ids of the classes known, in the order of the channels from 1 on.
        classes_per_step: |N_s| of each step so far.
        has_background: whether the dataset has a background; else channel 0 is in no mean.
        split: of the dataset.
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
    """Test a model; nothing leaves the device before the end.

    Args:
        model: on the device; its mode is restored.
        batches: images, and labels as channels or 255.
        rule: how a class follows from the logits.
        device: where the model is.
        dtype: arithmetic of the forward passes.

    Returns:
        (C, C) pixels, rows ground truth.
    """
    confusion = ConfusionMatrix(model.num_channels, device)

    def count(batch: Batch, logits: Tensor) -> None:
        sized = at_size(logits, batch.labels.shape[1:])
        confusion.update(batch.labels.to(device, non_blocking=True), predict(sized, rule))

    pass_through(model, batches, model, count, device=device, dtype=dtype)
    return confusion.matrix()


def at_size(logits: Tensor, size: Sequence[int]) -> Tensor:
    """Return logits (B, C, H, W) at the size of the labels, which whole images at training scale do not have."""
    if list(logits.shape[2:]) == list(size):
        return logits
    return F.interpolate(logits, size=list(size), mode="bilinear", align_corners=False)


def scores_event(outline: EvaluationOutline, matrices: ConfusionMatrices) -> Scores:
    """Return the event with every score after the last of the steps tested so far.

    Args:
        outline: what was tested.
        matrices: confusion matrix after each step up to this one.
    """
    continual = continual_scores(matrices, outline.classes_per_step, outline.has_background)
    scores = [
        *_class_scores(outline, matrices[-1], continual),
        *_group_scores(outline, matrices[-1]),
        *_stream_scores(outline, continual),
    ]
    return Scores(
        split=outline.split,
        step=outline.step,
        iteration=outline.iteration,
        channels=outline.channels,
        confusion=matrices[-1].tolist(),
        scores=[score for score in scores if not np.isnan(score.value)],
    )


def _class_scores(
    outline: EvaluationOutline, matrix: npt.NDArray[np.int64], continual: ContinualScores
) -> Iterator[Score]:
    columns = {
        "iou": continual.class_iou[outline.step],
        "accuracy": class_accuracy(matrix),
        "forgetting": continual.class_forgetting[outline.step],
    }
    first = 0 if outline.has_background else 1
    for metric, values in columns.items():
        for channel, class_id in list(enumerate(outline.channels))[first:]:
            yield Score(metric=metric, value=float(values[channel]), class_id=class_id)


def _group_scores(outline: EvaluationOutline, matrix: npt.NDArray[np.int64]) -> Iterator[Score]:
    miou: dict[str, float] = {}
    for group, channels in class_groups(outline.classes_per_step, outline.has_background).items():
        found = group_scores(matrix, channels)
        miou[group] = found.miou
        yield Score(metric="miou", value=found.miou, group=group)
        yield Score(metric="miou_present", value=found.miou_present, group=group)
        yield Score(metric="pixel_accuracy", value=found.pixel_accuracy, group=group)
        yield Score(metric="class_accuracy", value=found.class_accuracy, group=group)
    if "old" in miou:
        yield Score(metric="harmonic_miou", value=harmonic_mean(miou["old"], miou["new"]), group="all")


def _stream_scores(outline: EvaluationOutline, continual: ContinualScores) -> Iterator[Score]:
    """Yield what the whole table of steps says, as of this step (platform.md MET-7)."""
    step = outline.step
    yield Score(metric="mean_class_forgetting", value=float(continual.mean_class_forgetting[step]), group="old")
    yield Score(metric="stream_average", value=float(continual.average[step]))
    yield Score(metric="stream_forgetting", value=float(continual.forgetting[step]))
    yield Score(metric="stream_backward_transfer", value=float(continual.backward_transfer[step]))
    yield Score(metric="stream_plasticity", value=float(continual.plasticity[step]))
    yield Score(metric="average_miou", value=continual.average_miou, group="all")
