from __future__ import annotations

from typing import Any

import pytest
import torch

from core.data.loaders import BatchPlan
from core.errors import ConfigError
from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig, OptimConfig
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.optimisation import build_optimizer, iterations_of, schedule_of

CONFIG = OptimConfig(lr_base=0.01, lr_step=0.001, head_lr_factor=10, weight_decay=0.1)


def tiny(classes: list[int]) -> SegmentationModel:
    return build_model(ModelConfig(name="tiny"), classes, seed=0)


def groups_of(optimizer: torch.optim.Optimizer) -> dict[str, dict[str, Any]]:
    return {group["name"]: group for group in optimizer.param_groups}


def test_base_step_decays_everything_at_its_own_rate() -> None:
    groups = groups_of(build_optimizer(tiny([2]), CONFIG, step_index=0))

    assert {name: (group["lr"], group["weight_decay"]) for name, group in groups.items()} == {
        "backbone": (0.01, 0.1),
        "old_heads": (0.1, 0.1),
        "new_head": (0.1, 0.1),
    }


def test_later_steps_decay_the_new_head_only() -> None:
    groups = groups_of(build_optimizer(tiny([2, 3]), CONFIG, step_index=1))

    assert {name: (group["lr"], group["weight_decay"]) for name, group in groups.items()} == {
        "backbone": (0.001, 0.0),
        "old_heads": (0.01, 0.0),
        "new_head": (0.01, 0.1),
    }


def test_baselines_decay_all_weights_at_later_steps_too() -> None:
    groups = groups_of(build_optimizer(tiny([2, 3]), CONFIG, step_index=1, decay_old=True))

    assert {group["weight_decay"] for group in groups.values()} == {0.1}


def test_new_head_group_holds_the_last_head_alone() -> None:
    model = tiny([2, 3])

    groups = groups_of(build_optimizer(model, CONFIG, step_index=1))

    assert [tensor.shape[0] for tensor in groups["new_head"]["params"]] == [3, 3]
    assert [tensor.shape[0] for tensor in groups["old_heads"]["params"]] == [1, 1, 2, 2]


def test_frozen_batch_norm_is_left_out_at_later_steps_only() -> None:
    # Eight convolutions and eight batch norms of two tensors each.
    tensors = [
        len(groups_of(build_optimizer(tiny(classes), config, step))["backbone"]["params"])
        for classes, config, step in (
            ([2], CONFIG, 0),
            ([2, 3], CONFIG, 1),
            ([2, 3], CONFIG.model_copy(update={"freeze_bn": False}), 1),
        )
    ]

    assert tensors == [24, 8, 24]


def test_aspp_learns_at_the_heads_rate() -> None:
    model = build_model(ModelConfig(name="deeplabv3_resnet18"), [2], seed=0)

    groups = groups_of(build_optimizer(model, CONFIG, step_index=0))

    assert groups["aspp"]["lr"] == 0.1
    assert len(groups["aspp"]["params"]) == 21


def test_momentum_and_nesterov_follow_the_config() -> None:
    optimizer = build_optimizer(tiny([2]), OptimConfig(momentum=0.5, nesterov=True), step_index=0)

    assert {(group["momentum"], group["nesterov"]) for group in optimizer.param_groups} == {(0.5, True)}


def test_epochs_times_full_batches_is_the_length_of_a_step():
    batches = BatchPlan(num_items=587, batch_size=32, run_seed=0, stage_index=1)  # 487 images and 100 entries

    assert iterations_of(OptimConfig(), batches) == 60 * 18
    assert iterations_of(OptimConfig(iterations=7), batches) == 7


def test_a_warm_up_is_for_later_steps_and_must_fit():
    optim = OptimConfig(warmup_iterations=5)

    assert schedule_of(optim, 10, 0).warmup_iterations == 0
    assert schedule_of(optim, 10, 1).warmup_iterations == 5
    with pytest.raises(ConfigError, match="warm-up of 5 iterations does not fit into a step of 4"):
        schedule_of(optim, 4, 1)


def test_a_warm_up_by_share_is_for_every_step_and_replaces_the_other():
    optim = OptimConfig(warmup_iterations=50, warmup_fraction=0.2, constant_ending=0.3)

    schedules = [schedule_of(optim, 10, step) for step in (0, 1)]

    assert [schedule.warmup_iterations for schedule in schedules] == [2, 2]
    # Half way up after the first iteration; at the end the rate stays at 0.3 of the first.
    assert schedules[0].factor(1) == pytest.approx((0.001 * 0.5 + 0.5) * 0.9**0.9)
    assert [schedules[1].factor(iteration) for iteration in (8, 9)] == [0.3, 0.3]
