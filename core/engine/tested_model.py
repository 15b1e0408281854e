"""A trained model as tests of a checkpoint see it: whole test images in, a channel for each pixel out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from core.data.samples import Image, LabelMap
from core.stage.card import ModelCard


@dataclass(frozen=True)
class TestedOn:
    """A test set.

    Attributes:
        name: its name in the stream.
        has_background: whether some of its pixels have no class.
    """

    name: str
    has_background: bool


@dataclass(frozen=True)
class ModelSource:
    """What a model is opened from.

    Attributes:
        folder: the model folder.
        card: how the model was trained.
        config: the method's config, with the options of this test laid over `eval`.
        device: device of the network.
        dtype: precision of the forward passes.
    """

    folder: Path
    card: ModelCard
    config: Any
    device: torch.device
    dtype: torch.dtype


class TestedModel(Protocol):
    """A model of any method that gives every pixel a class.

    Attributes:
        network: on its device.
        iteration: iterations of its training.
        batch_size: images tested at a time.
        panel_images: images of each test set whose predictions are kept.
    """

    @property
    def network(self) -> nn.Module: ...
    @property
    def iteration(self) -> int: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def panel_images(self) -> int: ...

    def view(self, image: Image, labels: LabelMap) -> tuple[Tensor, LabelMap]:
        """Return the network's input (3, h, w) and the (H, W) labels that are counted."""

    def picture(self, image: Image) -> Image:
        """Return the image as people see it beside the labels that are counted, (H, W, 3)."""

    def logits(self, images: Tensor, on: TestedOn) -> Tensor:
        """Return whatever `decide` takes for images (B, 3, h, w), with the network in evaluation mode.

        Raises:
            ConfigError: if the model cannot answer for this test set.
        """

    def decide(self, logits: Tensor, size: Sequence[int], on: TestedOn) -> Tensor:
        """Return the channel of each pixel, (B, H, W), for `size` (H, W)."""
