"""A model of CoaST or of its bounds, tested on any data (CoaST 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pictures
from torch import Tensor

from core.data.samples import Image, LabelMap
from core.data.transforms.weak_view import to_unit
from core.engine.tested_model import ModelSource, TestedOn
from core.errors import ConfigError
from core.methods.coast.baseline_config import SourceOnlyConfig
from core.methods.coast.config import CoastConfig
from core.methods.coast.model_files import ModelRecord, load_model
from core.methods.coast.options import Head
from core.methods.coast.plan import SELF_TRAINING
from core.methods.coast.testing import Protocol, decided
from core.models.deeplabv2 import DeepLabV2
from core.streams.multi_target import SOURCE

HEAD_POINTER = "/config/eval/head"


@dataclass(frozen=True)
class CoastModel:
    """A network and how it is tested; implements `core.engine.tested_model.TestedModel`."""

    network: DeepLabV2
    protocol: Protocol
    targets: tuple[str, ...]
    iteration: int

    @property
    def batch_size(self) -> int:
        """Images tested at a time."""
        return self.protocol.options.batch_size

    @property
    def panel_images(self) -> int:
        """Images of each test set whose predictions are kept."""
        return self.protocol.options.panel_images

    def view(self, image: Image, labels: LabelMap) -> tuple[Tensor, LabelMap]:
        """Return the image at `image_size`, and the labels at that size or at their own."""
        return to_unit(self._resized(image, Pictures.Resampling.BILINEAR)), self._counted(labels)

    def picture(self, image: Image) -> Image:
        """Return the image at the size of the counted labels."""
        is_native = self.protocol.options.resolution == "native"
        return image if is_native else self._resized(image, Pictures.Resampling.BILINEAR)

    def logits(self, images: Tensor, on: TestedOn) -> Tensor:
        """Return the logits of the tested classifiers, (n, B, C, h, w)."""
        return self.protocol.answers(self.network, images, self._target(on.name))

    def decide(self, logits: Tensor, size: Sequence[int], on: TestedOn) -> Tensor:  # noqa: ARG002 - on any data alike
        """Return the channel of each pixel."""
        return decided(logits, size)

    def _target(self, name: str) -> int | None:
        if self.protocol.head != "specific" or name == SOURCE:
            return None
        if name not in self.targets:
            raise ConfigError(
                f"head specific asks the classifier of the test set's own target, and {name!r} is none of the model's "
                f"targets {', '.join(self.targets)}; call the test set like its target, or set eval.head: mean_softmax",
                HEAD_POINTER,
            )
        return self.targets.index(name)

    def _counted(self, labels: LabelMap) -> LabelMap:
        is_native = self.protocol.options.resolution == "native"
        return labels if is_native else self._resized(labels, Pictures.Resampling.NEAREST)

    def _resized(self, pixels: Image, how: Pictures.Resampling) -> Image:
        return np.asarray(Pictures.fromarray(pixels).resize(self.protocol.data.image_size, how))


def open_model(source: ModelSource) -> CoastModel:
    """Open a model folder.

    Raises:
        ConfigError: if the model has not the classifiers that `eval.head` asks for.
        StorageError: if a file is missing, damaged, or does not fit its record.
    """
    config: CoastConfig | SourceOnlyConfig = source.config
    network, record = load_model(source.folder, source.device, config.eval.keep)
    protocol = Protocol(_head(config, record), config.data, config.eval, source.dtype)
    return CoastModel(network.eval(), protocol, record.targets, _iteration(config, record))


def _head(config: CoastConfig | SourceOnlyConfig, record: ModelRecord) -> Head:
    """Return the tested classifier; raise ConfigError if the model has none such."""
    if not isinstance(config, CoastConfig):
        return "agnostic"  # the only classifier of a bound
    head, wanted = config.eval.head, len(record.targets)
    if record.stage == SELF_TRAINING and record.num_heads != wanted + 1:
        raise ConfigError(
            f"the model has {record.num_heads} classifiers, and a self-training on {wanted} targets "
            f"({', '.join(record.targets)}) leaves {wanted + 1}: its files are of different runs",
            "/config/checkpoint",
        )
    # As in its own tests, a warmed-up model, which has no domain-agnostic classifier, asks each target's own.
    return "specific" if head == "agnostic" and record.num_heads == wanted else head


def _iteration(config: CoastConfig | SourceOnlyConfig, record: ModelRecord) -> int:
    if not isinstance(config, CoastConfig):
        return config.training.iterations
    if record.stage != SELF_TRAINING:
        return config.warm_up.iterations
    is_best = config.eval.keep == "best" and record.best_sha256 is not None and record.best_iteration is not None
    return record.best_iteration or 0 if is_best else config.self_training.iterations
