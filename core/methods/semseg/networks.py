"""The network that a config names (SemSeg 3)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from core.methods.semseg.options import ModelOptions, TrunkOptions
from core.models.initialise import load_backbone_weights
from core.models.openset.backbones import Pyramid, ResNetPyramid, build_pyramid
from core.models.openset.detector import OpenSetDetector, initialise
from core.models.openset.roi_heads import HeadSizes


def assemble(options: ModelOptions, num_known: int) -> OpenSetDetector:
    """Return a detector with PyTorch's own initial weights."""
    trunk = build_pyramid(options.name, options.weights_style)
    return OpenSetDetector(trunk, _sizes(options, trunk.channels), num_known, options.anchor_px)


def build_detector(options: ModelOptions, num_known: int, seed: int) -> OpenSetDetector:
    """Return a detector with its initial weights, a function of the seed and of the file of backbone weights.

    Raises:
        ConfigError: if that file is missing or does not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = assemble(options, num_known)
        initialise(model)
    load_trunk_weights(model.trunk, options)
    return model


def load_trunk_weights(trunk: Pyramid, options: TrunkOptions) -> None:
    """Load the file named in the options into the trunk's ResNet; raise ConfigError if it does not fit."""
    if options.backbone_weights is not None and isinstance(trunk, ResNetPyramid):
        body = trunk.network.body
        assert isinstance(body, nn.Module)
        load_backbone_weights(body, Path(options.backbone_weights))


def _sizes(options: ModelOptions, channels: int) -> HeadSizes:
    is_tiny = options.name == "tiny"
    return HeadSizes(
        channels=channels,
        canonical_px=options.canonical_px,
        box_features=128 if is_tiny else 1024,
        embedding=options.embedding,
        per_class=options.prototypes,
        distance=options.distance,
        mask_convs=options.mask_convs,
        mask_width=channels,
        mask_weights=options.mask_weights,
    )
