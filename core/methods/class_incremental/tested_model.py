"""The model of a continual step, tested on any data (EIR 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from core.data.samples import Image, LabelMap
from core.data.transforms.presets import eir_eval, to_pixels
from core.engine.tested_model import ModelSource, TestedOn
from core.methods.class_incremental.config import DataConfig, EvalConfig, OptimConfig
from core.methods.class_incremental.evaluation import at_size
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.model_store import load_model
from core.metrics.confusion import predict


class StepTestConfig(Protocol):
    """The settings that a test reads."""

    @property
    def data(self) -> DataConfig: ...
    @property
    def eval(self) -> EvalConfig: ...
    @property
    def optim(self) -> OptimConfig: ...


@dataclass(frozen=True)
class StepModel:
    """A network and how it is tested; implements `core.engine.tested_model.TestedModel`."""

    network: SegmentationModel
    crop_px: int
    options: EvalConfig
    iteration: int

    @property
    def batch_size(self) -> int:
        """Images tested at a time."""
        return self.options.batch_size

    @property
    def panel_images(self) -> int:
        """Images of each test set whose predictions are kept."""
        return self.options.panel_images

    def view(self, image: Image, labels: LabelMap) -> tuple[Tensor, LabelMap]:
        """Return image and labels of the mode: a centre crop, or the whole image at one of two sizes."""
        seen, counted = eir_eval(image, labels, self.crop_px, self.options.mode)
        return seen, counted.numpy()

    def picture(self, image: Image) -> Image:
        """Return the image at the size of the counted labels."""
        if self.options.mode != "crop":
            return image
        seen, _ = eir_eval(image, np.zeros(image.shape[:2], np.uint8), self.crop_px, "crop")
        return to_pixels(seen)

    def logits(self, images: Tensor, on: TestedOn) -> Tensor:  # noqa: ARG002 - on any data alike
        """Return logits (B, C, h, w)."""
        logits: Tensor = self.network(images)
        return logits

    def decide(self, logits: Tensor, size: Sequence[int], on: TestedOn) -> Tensor:
        """Return the channel of each pixel by the method's rule for data with or without a background."""
        return predict(at_size(logits, size), self.options.decision_rule(on.has_background))


def open_model(source: ModelSource) -> StepModel:
    """Open a model folder; raise StorageError if a file is missing, damaged, or does not fit its record."""
    config: StepTestConfig = source.config
    network = load_model(source.folder).build(source.device)
    planned = source.card.stage.total_iterations
    return StepModel(network, config.data.crop_px, config.eval, config.optim.iterations or planned or 0)
