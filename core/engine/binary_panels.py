"""Prediction panels of binary masks. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.samples import Image, Mask
from core.data.truths import FOREGROUND
from core.engine.panel_files import write_panel
from core.files import index_png
from core.memory.entry import encode_png
from core.metrics.boundary import mask_iou
from core.stage.events import Prediction


@dataclass(frozen=True)
class BinaryPanel:
    """One test image as it was evaluated.

    Attributes:
        source: id of the image in its dataset.
        image: (h, w, 3) RGB.
        truth: (h, w) foreground.
        prediction: (h, w) foreground predicted by the model.
    """

    source: str
    image: Image
    truth: Mask
    prediction: Mask


def save_binary_panel(folder: Path, below: str, rank: int, panel: BinaryPanel) -> Prediction:
    """Write picture, ground truth and prediction of one image as PNG, the last two as raw ids 0 and FOREGROUND.

    The IoU is that of the foreground. It is left out if both masks are empty.

    Args:
        folder: the attempt's folder.
        below: subfolder of the files; see `panel_folder`.
        rank: position of the image among its domain's panels.
        panel: the image.
    """
    masks = {"labels.png": panel.truth, "prediction.png": panel.prediction}
    pixels = {name: index_png(mask.astype(np.uint8) * FOREGROUND) for name, mask in masks.items()}
    paths = write_panel(folder, below, rank, {"image.png": encode_png(panel.image), **pixels})
    height, width = panel.truth.shape
    iou = mask_iou(panel.truth, panel.prediction)
    return Prediction(
        source=panel.source,
        **paths,
        width=width,
        height=height,
        classes=[FOREGROUND] if panel.truth.any() else [],
        pixel_accuracy=float((panel.truth == panel.prediction).mean()),
        iou={} if iou is None else {FOREGROUND: iou},
    )
