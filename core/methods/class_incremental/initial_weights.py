"""Initial weights of a continual step's model: random, or those of the previous step (EIR 3)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from core.methods.class_incremental.deep_head import DeepHead
from core.methods.class_incremental.growing_model import SegmentationModel
from core.models.initialise import first_difference, initialise_conv, initialise_part
from core.models.trunks import Norm

InitNew = Literal["background", "random", "mib", "unknown"]
"""How heads of new classes are initialised."""


def initialise(model: SegmentationModel, generator: torch.Generator, norm: Norm = "bn") -> None:
    """Draw all parameters in a fixed order, from this generator only (EIR 3, initialisation).

    Backbone convolutions are Kaiming-normal by fan-out, ASPP and heads by fan-in; batch norm starts as the identity.
    With "leaky_bn" the ASPP is Xavier-normal.
    """
    initialise_part(model.backbone, "fan_out", generator)
    initialise_part(model.aspp, "xavier" if norm == "leaky_bn" else "fan_in", generator)
    initialise_part(model.cls, "fan_in", generator)
    if model.unknown is not None:
        initialise_part(model.unknown, "fan_in", generator)


def initialise_new_head(model: SegmentationModel, init_new: InitNew, generator: torch.Generator) -> None:
    """Initialise the last step's head from the earlier heads, at steps ≥ 1.

    Args:
        model: its earlier heads are already loaded.
        init_new: "background" copies head 0's weight and bias into each new channel (EIR, DKD); "random" draws
            Kaiming-normal weights; "mib" copies head 0's weight, and sets the new biases and the background's to
            b_0 − log(|N| + 1) (MiB, CVPR 2020); "unknown" copies the head of the unknown (SSUL, NeurIPS 2021), and
            is random in a model without one.
        generator: used only by random weights.
    """
    background, new = model.cls.heads[0], model.cls.heads[-1]
    if init_new == "unknown" and model.unknown is not None and isinstance(new, DeepHead):
        new.copy_from(model.unknown)
        return
    if init_new in ("random", "unknown"):
        initialise_conv(new, "fan_in", generator)
        return
    weight, bias = _weight_and_bias(background)
    new_weight, new_bias = _weight_and_bias(new)
    shift = math.log(new.out_channels + 1) if init_new == "mib" else 0.0
    with torch.no_grad():
        bias.sub_(shift)
        new_weight.copy_(weight.expand_as(new_weight))
        new_bias.copy_(bias.expand_as(new_bias))


def load_previous_step(model: SegmentationModel, state: Mapping[str, Tensor]) -> None:
    """Load everything but the last head from the final state of the previous step.

    Raises:
        ValueError: if the state is not that of this model with one step fewer. Names the first entry that differs.
    """
    newest = f"cls.{len(model.cls) - 1}."
    current = model.state_dict()
    wanted = {name: tensor for name, tensor in current.items() if not name.startswith(newest)}
    fault = first_difference(wanted, state)
    if fault:
        raise ValueError(f"the previous step's state does not fit this model with one head less: {fault}")
    model.load_state_dict({**current, **state})


def _weight_and_bias(head: nn.Conv2d) -> tuple[Tensor, Tensor]:
    assert head.bias is not None
    return head.weight, head.bias
