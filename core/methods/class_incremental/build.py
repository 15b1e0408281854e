"""The network of a continual step: a trunk from the table of models, and a classifier with one head per step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import torch

from core.methods.class_incremental.config import Heads, ModelConfig
from core.methods.class_incremental.deep_head import DeepHead
from core.methods.class_incremental.growing_model import GrowingClassifier, SegmentationModel
from core.methods.class_incremental.initial_weights import initialise
from core.models.catalog import Architecture, model_builder
from core.models.normalisation import make_leaky
from core.models.trunks import Trunk


def assemble_model(config: ModelConfig, classes_per_step: Sequence[int], heads: Heads = "linear") -> SegmentationModel:
    """Return the modules with PyTorch's own initial values. Under `torch.device("meta")` nothing is allocated.

    Raises:
        ConfigError: if the table of models has no such trunk.
    """
    trunk: Trunk = model_builder(config.name, Architecture.TRUNK)(config.output_stride, config.dropout, config.norm)
    width, detach = trunk.out_channels, config.detach_background_head
    classifier = GrowingClassifier(width, classes_per_step, detach, is_deep=heads != "linear")
    unknown = DeepHead(width, 1) if heads == "deep_unknown" else None
    if config.norm == "leaky_bn":
        for part in (classifier, unknown):
            if part is not None:
                make_leaky(part)
    return SegmentationModel(trunk.backbone, trunk.neck, classifier, unknown)


def build_model(
    config: ModelConfig, classes_per_step: Sequence[int], seed: int, heads: Heads = "linear"
) -> SegmentationModel:
    """Return a model on the CPU with random weights that depend on the seed only.

    Reads no file. Call `load_backbone_weights` for `config.backbone_weights`, and `load_previous_step` at steps ≥ 1.

    Args:
        config: settings of the network.
        classes_per_step: |N_s| of each step so far, at least one.
        seed: seed of the weights. The global generator is neither read nor advanced.
        heads: kind of the classifier's heads.
    """
    with torch.device("meta"):
        model = assemble_model(config, classes_per_step, heads)
    model = model.to_empty(device="cpu")
    initialise(model, torch.Generator().manual_seed(seed), config.norm)
    # The stubs of Module.to lack this overload.
    cast(Any, model).to(memory_format=model.memory_format)
    return model
