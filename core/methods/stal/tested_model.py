"""The teacher of a round, tested on any data (STAL 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from core.data.samples import Image, LabelMap
from core.data.transforms.presets import to_normalised
from core.engine.inference import InferenceRule, resize_logits
from core.engine.tested_model import ModelSource, TestedOn
from core.methods.stal.config import StalConfig, TestOptions
from core.methods.stal.model_files import load_teacher
from core.methods.stal.testing import inference_rule
from core.models.deeplabv3plus import DeepLabV3Plus


@dataclass(frozen=True)
class StalModel:
    """A teacher and how it is tested; implements `core.engine.tested_model.TestedModel`."""

    network: DeepLabV3Plus
    rule: InferenceRule
    options: TestOptions
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
        """Return the normalised image and the labels, both at their own size."""
        return to_normalised(image), labels

    def picture(self, image: Image) -> Image:
        """Return the image."""
        return image

    def logits(self, images: Tensor, on: TestedOn) -> Tensor:  # noqa: ARG002 - on any data alike
        """Return logits (B, C, H, W) of whole images, in one pass or by sliding windows, scales and mirroring."""
        return self.rule.logits(self.network.logits, images)

    def decide(self, logits: Tensor, size: Sequence[int], on: TestedOn) -> Tensor:  # noqa: ARG002 - likewise
        """Return the best class of each pixel."""
        sized = logits if list(logits.shape[2:]) == list(size) else resize_logits(logits, size)
        return sized.argmax(dim=1)


def open_model(source: ModelSource) -> StalModel:
    """Open a model folder; raise StorageError if a file is missing, damaged, or does not fit its record."""
    config: StalConfig = source.config
    network, _ = load_teacher(source.folder, source.device)
    planned = source.card.stage.total_iterations
    return StalModel(network, inference_rule(config), config.eval, config.optim.iterations or planned or 0)
