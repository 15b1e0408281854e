"""Prediction panels of instances: true and predicted objects of an image. Free of torch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.exchange.masks import encode_rle
from core.data.samples import Image, Instances
from core.engine.panel_files import write_panel
from core.engine.panel_objects import PanelObject, PanelObjects, RunLengths
from core.memory.entry import encode_png
from core.stage.events import Prediction


@dataclass(frozen=True)
class Detections:
    """The objects that a model found in one image.

    Attributes:
        boxes: (N, 4) float64 x0, y0, x1, y1 in pixels; x1 and y1 are exclusive.
        masks: (N, h, w) booleans.
        classes: (N,) int64 raw class ids; meaningless where `is_unknown`.
        scores: (N,) float64 in [0, 1].
        is_unknown: (N,) booleans: whether an object was predicted as unknown.
    """

    boxes: npt.NDArray[np.float64]
    masks: npt.NDArray[np.bool_]
    classes: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]
    is_unknown: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.classes)


@dataclass(frozen=True)
class InstancePanel:
    """One test image as it was evaluated.

    Attributes:
        source: id of the image in its dataset.
        image: (h, w, 3) RGB.
        truth: the true objects.
        found: the predicted objects.
    """

    source: str
    image: Image
    truth: Instances
    found: Detections


def save_instance_panel(
    folder: Path, below: str, rank: int, panel: InstancePanel, known_classes: Collection[int]
) -> Prediction:
    """Write the picture of one image as PNG, and its true and predicted objects as `PanelObjects`.

    Args:
        folder: the attempt's folder.
        below: subfolder of the files; see `panel_folder`.
        rank: position of the image among its domain's panels.
        panel: the image.
        known_classes: raw ids of the classes that the model was trained on.
    """
    (width, height), truth, found = panel.truth.size, panel.truth, panel.found
    lists = {
        "labels.json": [_true_object(truth, index, known_classes) for index in range(len(truth))],
        "prediction.json": [_found_object(found, index) for index in range(len(found))],
    }
    texts = {
        name: PanelObjects(width=width, height=height, objects=objects).model_dump_json().encode()
        for name, objects in lists.items()
    }
    paths = write_panel(folder, below, rank, {"image.png": encode_png(panel.image), **texts})
    classes = np.unique(truth.classes).tolist()
    return Prediction(
        source=panel.source, **paths, width=width, height=height, classes=classes, pixel_accuracy=None, iou={}
    )


def _true_object(truth: Instances, index: int, known_classes: Collection[int]) -> PanelObject:
    class_id = int(truth.classes[index])
    return PanelObject(
        class_id=class_id,
        is_unknown=class_id not in known_classes,
        is_crowd=bool(truth.is_crowd[index]),
        score=None,
        box=tuple(truth.boxes[index].tolist()),
        mask=RunLengths.model_validate(encode_rle(truth.masks[index])),
    )


def _found_object(found: Detections, index: int) -> PanelObject:
    is_unknown = bool(found.is_unknown[index])
    return PanelObject(
        class_id=None if is_unknown else int(found.classes[index]),
        is_unknown=is_unknown,
        is_crowd=False,
        score=float(found.scores[index]),
        box=tuple(found.boxes[index].tolist()),
        mask=RunLengths.model_validate(encode_rle(found.masks[index])),
    )
