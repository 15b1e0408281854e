"""Optimiser, length and schedule of a continual step (EIR 5)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.data.loaders import BatchPlan
from core.engine.schedules import PolySchedule
from core.methods.class_incremental.config import OptimConfig
from core.methods.class_incremental.growing_model import SegmentationModel


def build_optimizer(
    model: SegmentationModel, config: OptimConfig, step_index: int, *, decay_old: bool = False
) -> torch.optim.SGD:
    """Return SGD with the groups `backbone`, `aspp`, `old_heads` and `new_head`; empty groups are left out.

    The backbone learns at `lr_base` (step 0) or `lr_step`, everything else at `head_lr_factor` times that. At steps ≥ 1
    weight decay applies to the new head only, unless `decay_old` is set. With `freeze_bn`, at steps ≥ 1, no group has
    the affine parameters of batch norm.

    Args:
        model: its last head belongs to the step.
        config: optimiser settings.
        step_index: index of the continual step; 0 is the base step.
        decay_old: apply weight decay to all groups. EIR does not; the baselines do.
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
            "weight_decay": config.weight_decay if is_base or decay_old or name == "new_head" else 0.0,
        }
        for name, modules, base_lr in parts
    ]
    return torch.optim.SGD(
        [group for group in groups if group["params"]], lr=lr, momentum=config.momentum, nesterov=config.nesterov
    )


def iterations_of(optim: OptimConfig, batches: BatchPlan) -> int:
    """Return the iterations of a step: the configured number, or epochs times full batches per epoch (EIR 5)."""
    return optim.iterations or optim.epochs * batches.per_epoch


def schedule_of(optim: OptimConfig, iterations: int, step_index: int) -> PolySchedule:
    """Return the polynomial learning-rate schedule.

    Every step begins with the warm-up if it is a share of the iterations; otherwise steps ≥ 1 do.

    Raises:
        ConfigError: when the warm-up is longer than the step.
    """
    optim.require_warmup_fits(iterations, step_index)
    warmup = optim.warmup_fraction * iterations or (optim.warmup_iterations if step_index else 0)
    return PolySchedule(iterations, optim.poly_power, warmup_iterations=warmup, constant_ending=optim.constant_ending)


def _parameters(modules: Iterable[nn.Module], leave_out_norm: bool) -> list[nn.Parameter]:
    return [
        parameter
        for module in modules
        for child in module.modules()
        if not (leave_out_norm and isinstance(child, _BatchNorm))
        for parameter in child.parameters(recurse=False)
    ]
