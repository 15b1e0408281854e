"""Model name -> network: the one table of models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, cast

import torch
from torch import nn

from core.errors import ConfigError, nearest
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.growing_model import GrowingClassifier, SegmentationModel
from core.models.aspp import ASPP, RATES
from core.models.backbone import Backbone
from core.models.initialise import initialise
from core.models.resnet import ResNet
from core.models.tiny import TinyEncoder

Trunk = tuple[Backbone, nn.Module, int]
"""Backbone, what stands between it and the heads, and the channels that the heads read."""


def _tiny(_: ModelConfig) -> Trunk:
    # Nothing to configure: its output stride is always 8, and it has no dropout.
    encoder = TinyEncoder()
    return encoder, nn.Identity(), encoder.out_channels


def _deeplabv3(config: ModelConfig, depth: Literal[18, 50, 101], memory_format: torch.memory_format) -> Trunk:
    backbone = ResNet(depth, config.output_stride, memory_format)
    aspp = ASPP(backbone.out_channels, RATES[config.output_stride], config.dropout)
    return backbone, aspp, aspp.out_channels


# channels_last was measured 12-45 % faster on tiny and the bottleneck networks, 5-15 % slower on ResNet-18.
MODELS: dict[str, Callable[[ModelConfig], Trunk]] = {
    "tiny": _tiny,
    "deeplabv3_resnet18": partial(_deeplabv3, depth=18, memory_format=torch.contiguous_format),
    "deeplabv3_resnet50": partial(_deeplabv3, depth=50, memory_format=torch.channels_last),
    "deeplabv3_resnet101": partial(_deeplabv3, depth=101, memory_format=torch.channels_last),
}


def assemble_model(config: ModelConfig, classes_per_step: Sequence[int]) -> SegmentationModel:
    """Return the modules with PyTorch's own initial values; under `torch.device("meta")` it costs nothing.

    Raises:
        ConfigError: if the name is not in `MODELS`.
    """
    if config.name not in MODELS:
        raise ConfigError(f"model {config.name!r} does not exist{nearest(config.name, MODELS)}", "/model/name")
    backbone, aspp, feature_channels = MODELS[config.name](config)
    classifier = GrowingClassifier(feature_channels, classes_per_step, config.detach_background_head)
    return SegmentationModel(backbone, aspp, classifier)


def build_model(config: ModelConfig, classes_per_step: Sequence[int], seed: int) -> SegmentationModel:
    """Return a model on the CPU with random weights that depend on the seed alone.

    It reads no file: call `load_backbone_weights` for `config.backbone_weights`, and `load_previous_step` at steps ≥ 1.

    Args:
        config: which network.
        classes_per_step: |N_s| of each step so far, at least one.
        seed: of the weights; the global generator is neither read nor moved.
    """
    with torch.device("meta"):
        model = assemble_model(config, classes_per_step)
    model = model.to_empty(device="cpu")
    initialise(model, torch.Generator().manual_seed(seed))
    # The stubs of Module.to lack this overload.
    cast(Any, model).to(memory_format=model.memory_format)
    return model


def parameter_count(module: nn.Module) -> int:
    """Return the number of scalars in a module's parameters."""
    return sum(parameter.numel() for parameter in module.parameters())
