"""SGD with parameter groups by rule (spec EIR 5)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.methods.class_incremental.config import OptimConfig
from core.models.deeplabv3 import SegmentationModel


def build_optimizer(model: SegmentationModel, config: OptimConfig, step_index: int) -> torch.optim.SGD:
    """Return SGD whose groups are named `backbone`, `aspp`, `old_heads` and `new_head`; empty ones are left out.

    The backbone learns at `lr_base` (step 0) or `lr_step`, everything else at `head_lr_factor` times that. At steps ≥ 1
    only the new head decays, and with `freeze_bn` batch norm's affine parameters are in no group.

    Args:
        model: whose last head belongs to the step.
        config: rates and rules.
        step_index: of the continual step; 0 is the base step.
    """
    is_base = step_index == 0
    leave_out_norm = config.freeze_bn and not is_base
    lr = config.lr_base if is_base else config.lr_step
    parts: list[tuple[str, Iterable[nn.Module], float]] = [
        ("backbone", [model.backbone], lr),
        ("aspp", [model.aspp], lr * config.head_lr_factor),
        ("old_heads", model.cls.heads[:-1], lr * config.head_lr_factor),
        ("new_head", model.cls.heads[-1:], lr * config.head_lr_factor),
    ]
    groups = [
        {
            "params": _parameters(modules, leave_out_norm),
            "name": name,
            "lr": base_lr,
            "base_lr": base_lr,
            "weight_decay": config.weight_decay if is_base or name == "new_head" else 0.0,
        }
        for name, modules, base_lr in parts
    ]
    return torch.optim.SGD(
        [group for group in groups if group["params"]], lr=lr, momentum=config.momentum, nesterov=config.nesterov
    )


def set_learning_rates(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set each group's rate to `factor` times the rate that it was built with."""
    for group in optimizer.param_groups:
        group["lr"] = group["base_lr"] * factor


def clip_gradients(optimizer: torch.optim.Optimizer, max_norm: float) -> torch.Tensor:
    """Scale the optimised parameters' gradients down to a joint norm of `max_norm`; return the norm before, unread."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return nn.utils.clip_grad_norm_(parameters, max_norm)


def _parameters(modules: Iterable[nn.Module], leave_out_norm: bool) -> list[nn.Parameter]:
    return [
        parameter
        for module in modules
        for child in module.modules()
        if not (leave_out_norm and isinstance(child, _BatchNorm))
        for parameter in child.parameters(recurse=False)
    ]
