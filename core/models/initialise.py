"""Initial weights: random from a generator, or from an operator's file."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.errors import ConfigError
from core.models.normalisation import LEAKY_SLOPE

STEM_READERS = ("layer1.0.conv1.weight", "layer1.0.downsample.0.weight")
"""The weights that read the output of a bottleneck ResNet's stem."""
COUNTER = "num_batches_tracked"
InitMode = Literal["fan_in", "fan_out", "xavier"]
"""Kaiming-normal by fan-in or fan-out for ReLUs, or Xavier-normal for leaky ReLUs."""
_WEIGHTS_POINTER = "/model/backbone_weights"


def load_backbone_weights(backbone: nn.Module, path: Path) -> None:
    """Load an operator's file of backbone weights with torchvision's names; entries of `fc` are left out.

    Args:
        backbone: its state must match the file. Batch norm's batch counters may be missing: old files and frozen norms
            have none.
        path: a `.safetensors` file, or one that `torch.load(weights_only=True)` reads.

    Raises:
        ConfigError: if the file is missing, unreadable, or does not match; names the file and the first entry at fault.
    """
    state = {name: tensor for name, tensor in read_state(path).items() if not name.startswith("fc.")}
    wanted = backbone.state_dict()
    counters = {name: value for name, value in wanted.items() if name.endswith(COUNTER)}
    state = {
        **counters,
        **{name: value for name, value in state.items() if name in wanted or not name.endswith(COUNTER)},
    }
    fault = first_difference(wanted, state)
    if fault:
        raise ConfigError(
            f"{path}: not the weights of this backbone: {fault}; give a file with torchvision's names for the model",
            _WEIGHTS_POINTER,
        )
    backbone.load_state_dict(state)


def load_deep_stem_weights(encoder: nn.Module, path: Path) -> str:
    """Load an operator's file into an encoder with a deep stem; of torchvision's ResNet, load layers 1 to 4.

    Torchvision's stem is one 7x7 convolution with 64 channels, so the layers that read the deep stem's 128 stay random
    (spec STAL 3, init).

    Args:
        encoder: has the entries of `core.models.deep_stem`.
        path: as in `load_backbone_weights`.

    Returns:
        A description of the entries that were not loaded, for the run's log; empty when all were.

    Raises:
        ConfigError: if the file is missing, unreadable, or fits neither layout; names the file and the first entry at
            fault.
    """
    state, wanted = read_state(path), encoder.state_dict()
    if "conv1.weight" not in state or "conv1.0.weight" not in wanted:
        load_backbone_weights(encoder, path)
        return ""
    is_layer = re.compile(r"layer[1-4]\.")
    found = {name: tensor for name, tensor in state.items() if is_layer.match(name)}
    layers = {name: tensor for name, tensor in wanted.items() if is_layer.match(name)}
    counters = {name: value for name, value in layers.items() if name.endswith("num_batches_tracked")}
    stem_readers = {name: layers[name] for name in STEM_READERS if name in layers}
    fault = first_difference(layers, {**counters, **found, **stem_readers})
    if fault:
        raise ConfigError(
            f"{path}: not torchvision's ResNet of this encoder's depth: {fault}; give a file of the same depth",
            _WEIGHTS_POINTER,
        )
    encoder.load_state_dict({**wanted, **found, **stem_readers})
    return (
        f"{path.name} has torchvision's plain stem: its layers 1 to 4 were loaded, but the deep stem, "
        f"{' and '.join(stem_readers)} start from random weights"
    )


def read_state(path: Path, pointer: str = _WEIGHTS_POINTER) -> dict[str, Tensor]:
    """Read a plain table of named tensors, pickled or in safetensors; load nothing but tensors.

    Args:
        path: the file.
        pointer: JSON pointer of the setting that names the file, for errors.

    Raises:
        ConfigError: if the file is missing, unreadable, or holds anything else.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such file of weights; correct the path or leave it out", pointer)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        raise ConfigError(f"{path}: cannot be read as weights ({error})", pointer) from error
    if not isinstance(loaded, dict) or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise ConfigError(f"{path}: holds no plain table of named tensors; save the state_dict itself", pointer)
    return loaded


def first_difference(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> str:
    """Describe the first difference in names or shapes between two states; empty when there is none."""
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        return f"{len(missing)} entries are missing, such as {missing[0]!r}"
    unknown = sorted(found.keys() - wanted.keys())
    if unknown:
        return f"{len(unknown)} entries are unknown, such as {unknown[0]!r}"
    for name, tensor in wanted.items():
        if found[name].shape != tensor.shape:
            return f"{name!r} has shape {tuple(found[name].shape)}, expected {tuple(tensor.shape)}"
    return ""


def initialise_part(part: nn.Module, mode: InitMode, generator: torch.Generator) -> None:
    """Re-initialise the parameters of a part: convolutions as `mode` says, batch norm as the identity."""
    for module in part.modules():
        if isinstance(module, nn.Conv2d):
            initialise_conv(module, mode, generator)
        elif isinstance(module, _BatchNorm):
            module.reset_parameters()
        else:
            assert not _has_parameters(module.parameters(recurse=False)), f"no initial weights for {type(module)}"


def _has_parameters(parameters: Iterable[nn.Parameter]) -> bool:
    return any(True for _ in parameters)


def initialise_conv(conv: nn.Conv2d, mode: InitMode, generator: torch.Generator) -> None:
    """Draw a convolution's weights as `mode` says, and its bias uniformly as PyTorch does."""
    if mode == "xavier":
        nn.init.xavier_normal_(conv.weight, nn.init.calculate_gain("leaky_relu", LEAKY_SLOPE), generator=generator)
    else:
        nn.init.kaiming_normal_(conv.weight, mode=mode, nonlinearity="relu", generator=generator)
    if conv.bias is not None:
        bound = 1 / math.sqrt(conv.weight[0].numel())
        nn.init.uniform_(conv.bias, -bound, bound, generator=generator)
