"""Prediction panels: a few test images, the same after every step, with the model's predictions.

This module writes panels of label maps; `binary_panels` and `instance_panels` write the other kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.classes import ClassTable
from core.data.label_ids import IdTable
from core.data.presence import PRESENCE_DIR, scan_presence
from core.data.samples import DenseDataset, Image, LabelMap
from core.data.truths import PixelCounts
from core.engine.panel_files import write_panel
from core.memory.entry import encode_png
from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import class_iou
from core.stage.context import StageContext
from core.stage.events import Prediction

ChannelMap = npt.NDArray[np.uint8]
"""(H, W) network channels; 255 = not counted."""


@dataclass(frozen=True)
class Panel:
    """One test image as it was evaluated.

    Attributes:
        source: id of the image in its dataset.
        image: (h, w, 3) RGB.
        labels: (h, w) ground truth in raw ids of all classes, learned or not.
        prediction: (h, w) channels.
    """

    source: str
    image: Image
    labels: LabelMap
    prediction: ChannelMap


@dataclass(frozen=True)
class PanelKey:
    """The meaning of raw ids and channels at a step.

    Attributes:
        channel_of: raw id -> channel in the step's evaluation.
        raw_of: channel -> raw id.
        seen_classes: raw ids in the order of the channels from 1 on.
        classes: class table of the dataset.
    """

    channel_of: IdTable
    raw_of: IdTable
    seen_classes: tuple[int, ...]
    classes: ClassTable


class PanelScores(NamedTuple):
    """Scores of one image: share of correct pixels among counted ones (None without any), and raw class id -> IoU."""

    pixel_accuracy: float | None
    iou: dict[int, float]


def panel_images(context: StageContext[Any], dataset: DenseDataset, class_ids: Sequence[int], count: int) -> list[int]:
    """Return the test images of the panels, the same after every stage of a run; see `choose_images`."""
    presence = scan_presence(dataset, Path(context.spec.data_home) / PRESENCE_DIR)
    return choose_images(presence.pixels, class_ids, count)


def choose_images(pixels: PixelCounts, class_ids: Sequence[int], count: int) -> list[int]:
    """Choose images that together show as many of the classes as possible. Deterministic.

    Each choice is the image with the most classes not shown so far; ties go to the image where these classes cover
    more pixels. Once all classes have been shown, all count as missing again.

    Args:
        pixels: (N, 256) pixel counts of every raw id in every image.
        class_ids: raw ids to show.
        count: how many images; fewer are returned if fewer show any of the classes.

    Returns:
        Indices in the order of choice.
    """
    share = pixels[:, list(class_ids)] / np.maximum(pixels.sum(axis=1, keepdims=True), 1)  # (N, C)
    missing = np.ones(len(class_ids), dtype=np.bool_)
    is_free = np.ones(len(share), dtype=np.bool_)
    chosen: list[int] = []
    while len(chosen) < count and share[is_free].any():
        fresh = share * missing
        # The shares sum to at most 1, so half of the sum never outweighs a class.
        gain = np.where(is_free, (fresh > 0).sum(axis=1) + fresh.sum(axis=1) / 2, 0)
        if not gain.any():
            missing[:] = True
            continue
        best = int(gain.argmax())
        chosen.append(best)
        is_free[best] = False
        missing &= share[best] == 0
    return chosen


def panel_scores(panel: Panel, key: PanelKey) -> PanelScores:
    """Score one image by the evaluation's rules: classes not learned yet count as background."""
    confusion = ConfusionMatrix(1 + len(key.seen_classes))
    confusion.update(torch.from_numpy(key.channel_of[panel.labels]), torch.from_numpy(panel.prediction))
    matrix = confusion.matrix()
    first = 0 if key.classes.background_id is not None else 1
    counted, hits = matrix[first:].sum(), np.diagonal(matrix)[first:].sum()
    iou, is_shown = class_iou(matrix), matrix.sum(axis=1) > 0
    return PanelScores(
        pixel_accuracy=float(hits / counted) if counted else None,
        iou={
            class_id: float(iou[channel])
            for channel, class_id in enumerate(key.seen_classes, start=1)
            if is_shown[channel]
        },
    )


def save_panel(folder: Path, below: str, rank: int, panel: Panel, key: PanelKey) -> Prediction:
    """Write picture, ground truth and prediction of one image as PNG, the last two in raw ids.

    Args:
        folder: the attempt's folder.
        below: subfolder of the files; see `panel_folder`.
        rank: position of the image among its domain's panels.
        panel: the image.
        key: meaning of ids and channels at the step.
    """
    pixels = {"image": panel.image, "labels": panel.labels, "prediction": key.raw_of[panel.prediction]}
    paths = write_panel(folder, below, rank, {f"{name}.png": encode_png(shown) for name, shown in pixels.items()})
    height, width = panel.labels.shape
    scores = panel_scores(panel, key)
    return Prediction(
        source=panel.source,
        **paths,
        width=width,
        height=height,
        classes=[int(raw_id) for raw_id in np.unique(panel.labels) if int(raw_id) in key.classes.names],
        pixel_accuracy=scores.pixel_accuracy,
        iou=scores.iou,
    )


def to_channel_map(channels: Tensor) -> ChannelMap:
    """Return channels of any integer type as uint8."""
    found: ChannelMap = channels.to(torch.uint8).cpu().numpy()
    return found
