"""The table of networks: name -> builders. Free of torch: a builder is imported only when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Any

from core.errors import ConfigError, nearest

POINTER = "/model/name"


class Architecture(StrEnum):
    """The kind of network that a builder returns. Builders of one architecture take the same arguments."""

    TRUNK = "trunk"
    """`(output_stride, dropout, norm) -> Trunk`, on which a method puts heads of its own"""
    DEEPLABV3PLUS = "deeplabv3plus"
    """`(num_classes, dropout) -> DeepLabV3Plus`"""
    DEEPLABV2 = "deeplabv2"
    """`(num_classes, num_heads, dropout) -> DeepLabV2`"""


@dataclass(frozen=True)
class ModelEntry:
    """One network.

    Attributes:
        title: the name that people see.
        builders: architecture -> dotted path, `module:function`; a small encoder may serve several.
    """

    title: str
    builders: Mapping[Architecture, str]


MODELS: dict[str, ModelEntry] = {
    "tiny": ModelEntry(
        title="An encoder of 0.2 M parameters for CPUs",
        builders={
            Architecture.TRUNK: "core.models.trunks:tiny",
            Architecture.DEEPLABV3PLUS: "core.models.deeplabv3plus_encoders:tiny",
            Architecture.DEEPLABV2: "core.models.deeplabv2_encoders:tiny",
        },
    ),
    "deeplabv3_resnet18": ModelEntry(
        title="DeepLabV3 on ResNet-18", builders={Architecture.TRUNK: "core.models.trunks:deeplabv3_resnet18"}
    ),
    "deeplabv3_resnet50": ModelEntry(
        title="DeepLabV3 on ResNet-50", builders={Architecture.TRUNK: "core.models.trunks:deeplabv3_resnet50"}
    ),
    "deeplabv3_resnet101": ModelEntry(
        title="DeepLabV3 on ResNet-101", builders={Architecture.TRUNK: "core.models.trunks:deeplabv3_resnet101"}
    ),
    "deeplabv3plus_resnet50": ModelEntry(
        title="DeepLabV3+ on a deep-stem ResNet-50",
        builders={Architecture.DEEPLABV3PLUS: "core.models.deeplabv3plus_encoders:resnet50"},
    ),
    "deeplabv3plus_resnet101": ModelEntry(
        title="DeepLabV3+ on a deep-stem ResNet-101",
        builders={Architecture.DEEPLABV3PLUS: "core.models.deeplabv3plus_encoders:resnet101"},
    ),
    "deeplabv2_resnet101": ModelEntry(
        title="DeepLabV2 on ResNet-101, with a classifier for each domain",
        builders={Architecture.DEEPLABV2: "core.models.deeplabv2_encoders:resnet101"},
    ),
}


def models_of(architecture: Architecture) -> list[str]:
    """Return the names of the networks that can be built as an architecture."""
    return [name for name, entry in MODELS.items() if architecture in entry.builders]


def model_builder(name: str, architecture: Architecture) -> Callable[..., Any]:
    """Return the function that builds a network; its arguments are those of the architecture.

    Raises:
        ConfigError: if there is no such network; the message names the nearest.
    """
    known = models_of(architecture)
    if name not in known:
        raise ConfigError(f"model {name!r} does not exist{nearest(name, known)}", POINTER)
    module, _, function = MODELS[name].builders[architecture].partition(":")
    builder: Callable[..., Any] = getattr(import_module(module), function)
    return builder
