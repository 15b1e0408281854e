"""The network of CoaST, its initial weights, and its learning rates (CoaST 3 and 5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.methods.coast.options import NetworkOptions, OptimOptions
from core.methods.coast.repeated_sgd import RepeatedSGD, published_repeats
from core.models.catalog import Architecture, model_builder
from core.models.deeplabv2 import DeepLabV2, initialise_deeplabv2
from core.models.initialise import load_backbone_weights
from core.models.normalisation import batch_norms

ENCODER, HEADS, AGNOSTIC = "encoder", "heads", "agnostic"
"""Groups of parameters."""


def assemble_network(options: NetworkOptions, num_classes: int, num_heads: int) -> DeepLabV2:
    """Return the modules with PyTorch's own initial values. Under `torch.device("meta")` nothing is allocated."""
    build = model_builder(options.name, Architecture.DEEPLABV2)
    network: DeepLabV2 = build(num_classes, num_heads, options.dropout)
    return network


def build_network(options: NetworkOptions, num_classes: int, num_heads: int, generator: torch.Generator) -> DeepLabV2:
    """Return a network on the CPU with weights drawn from a generator; a file may give the encoder's weights.

    Raises:
        ConfigError: if the file is missing or does not fit.
    """
    network = assemble_network(options, num_classes, num_heads)
    initialise_deeplabv2(network, generator)
    if options.backbone_weights is not None:
        load_backbone_weights(network.encoder, Path(options.backbone_weights))
    return network


def with_agnostic_head(
    options: NetworkOptions, state: Mapping[str, Tensor], shape: tuple[int, int], generator: torch.Generator
) -> DeepLabV2:
    """Return the network of self-training: the warmed-up network and a new domain-agnostic classifier.

    Args:
        options: options of the network.
        state: state of the warmed-up network.
        shape: number of classes C, and number of classifiers K in `state`.
        generator: draws the new classifier, which is the last.
    """
    num_classes, num_targets = shape
    network = assemble_network(options, num_classes, num_targets + 1)
    initialise_deeplabv2(network.heads[-1], generator)
    agnostic = {f"layer5_list.{num_targets}.{name}": one for name, one in network.heads[-1].state_dict().items()}
    network.load_state_dict({**state, **agnostic})
    return network


def freeze_batch_norm(network: nn.Module) -> None:
    """Fix statistics, scale and shift of every batch norm. A later `network.train()` undoes it."""
    for module in batch_norms(network):
        module.eval().requires_grad_(False)


def network_optimizer(
    network: DeepLabV2, rates: Mapping[str, float], options: OptimOptions, *, repeats: bool = False
) -> torch.optim.Optimizer:
    """Return the SGD optimiser of a network.

    Args:
        network: on its device.
        rates: learning rate by group. `AGNOSTIC` is the last classifier; without a rate it belongs to `HEADS`.
        options: momentum and weight decay.
        repeats: whether to repeat the updates of the encoder's tensors as the published optimiser does.
    """
    heads = list(network.heads)
    parts: dict[str, list[nn.Module]] = {ENCODER: [network.encoder], HEADS: heads}
    if AGNOSTIC in rates:
        parts |= {HEADS: heads[:-1], AGNOSTIC: heads[-1:]}
    groups: list[dict[str, Any]] = [
        {"params": [one for module in parts[name] for one in module.parameters()], "name": name, "base_lr": rate}
        for name, rate in rates.items()
    ]
    for group in groups:
        group["lr"] = group["base_lr"]
    if not repeats:
        return torch.optim.SGD(groups, lr=0, momentum=options.momentum, weight_decay=options.weight_decay)
    encoder = next(group for group in groups if group["name"] == ENCODER)
    return RepeatedSGD(
        [*_by_repeats(network.encoder, encoder), *(group for group in groups if group is not encoder)],
        options.momentum,
        options.weight_decay,
    )


def _by_repeats(encoder: nn.Module, group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Split the encoder's parameters into one group per number of repetitions."""
    listed: dict[int, list[Tensor]] = {}
    for name, parameter in encoder.named_parameters():
        listed.setdefault(published_repeats(name), []).append(parameter)
    return [{**group, "params": params, "repeats": count} for count, params in sorted(listed.items())]
