"""The network of STAL and its initial weights (STAL 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import nn

from core.methods.stal.config import NetworkOptions
from core.models.catalog import Architecture, model_builder
from core.models.deeplabv3plus import DeepLabV3Plus
from core.models.initialise import load_deep_stem_weights
from core.models.published_checkpoint import load_published


def assemble_network(options: NetworkOptions, num_classes: int) -> DeepLabV3Plus:
    """Return the modules with PyTorch's own initial values. Under `torch.device("meta")` nothing is allocated."""
    build = model_builder(options.name, Architecture.DEEPLABV3PLUS)
    network: DeepLabV3Plus = build(num_classes, options.dropout)
    return network


def build_network(
    options: NetworkOptions, num_classes: int, seed: int, note: Callable[[str], None] | None = None
) -> DeepLabV3Plus:
    """Return a network on the CPU. Its weights depend only on the seed and the named files.

    Encoder convolutions are Kaiming-normal by fan-out, and the last batch norm of every residual branch starts at 0.
    Heads have PyTorch's own initial values.

    Args:
        options: network and files.
        num_classes: C.
        seed: seed of the weights that no file gives.
        note: receives a message about entries of a file that were not loaded.

    Raises:
        ConfigError: if a file is missing or does not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = assemble_network(options, num_classes)
        for name, module in network.encoder.named_modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, nn.BatchNorm2d) and name.endswith("bn3"):
                nn.init.zeros_(module.weight)
    for text in _load_files(network, options):
        if text and note is not None:
            note(text)
    return network


def _load_files(network: DeepLabV3Plus, options: NetworkOptions) -> Iterator[str]:
    """Load the named files; yield a message about entries that were not loaded."""
    if options.backbone_weights is not None:
        yield load_deep_stem_weights(network.encoder, Path(options.backbone_weights))
    if options.checkpoint is not None:
        difference = load_published(
            network,
            Path(options.checkpoint),
            options.checkpoint_state,
            allow_differences=options.checkpoint_partial,
        )
        yield f"{Path(options.checkpoint).name} was loaded in part: {difference.describe()}" if difference else ""
