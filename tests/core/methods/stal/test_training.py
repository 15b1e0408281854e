"""A round's training put together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.errors import ConfigError, NonFiniteLossError
from core.methods.stal.config import NetworkOptions
from core.methods.stal.iteration import StalIteration
from core.methods.stal.label_space import channel_tables
from core.methods.stal.networks import build_network
from core.methods.stal.ripu_iteration import RipuIteration
from core.methods.stal.round_data import open_training
from core.methods.stal.stages import train_round
from core.methods.stal.training import (
    build_optimizer,
    build_schedule,
    build_state,
    class_weights,
    paste_channels,
    training_setup,
)
from core.methods.stal.u2pl_iteration import U2plIteration
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StopFlag
from core.streams.active_rounds import TARGET
from tests.support.local_runs import attempt_of, begin_stage, finish, in_this_process, stopping_after, warnings_of
from tests.support.rounds import round_context, rounds_run, stal_config

CPU = torch.device("cpu")


def test_every_parameter_of_the_student_is_in_one_group_at_its_rate(tmp_path: Path) -> None:
    context = round_context(tmp_path)
    student = build_state(context, 5, 4).student

    groups = build_optimizer(student, context.config).param_groups

    assert [(group["name"], group["lr"], group["weight_decay"]) for group in groups] == [
        ("encoder", 0.01, 1e-4),
        ("heads", 0.02, 1e-4),
    ]
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in student.parameters())


def test_frequent_classes_are_not_pasted(tmp_path: Path) -> None:
    context = round_context(tmp_path)
    channel_of, _ = channel_tables(context.datasets[TARGET].classes)

    # Of road, pole, train, car and sky.
    assert paste_channels(context, channel_of).tolist() == [1, 2, 3]


def weights(folder: Path, num_classes: int, **options: Any) -> Tensor | None:
    context = round_context(folder, supervised=options)
    return class_weights(context, channel_tables(context.datasets[TARGET].classes)[0], num_classes)


def test_class_weights_are_those_of_cityscapes(tmp_path: Path) -> None:
    ohem = weights(tmp_path, 19, loss="ohem", class_weights=True)
    plain = weights(tmp_path, 19, loss="ce", class_weights=True)

    assert ohem is not None
    assert plain is not None
    assert ohem[16] == 10.0
    assert plain.nonzero()[:, 0].tolist() == [3, 4, 5, 6, 9, 12, 14, 16, 17, 18]
    assert weights(tmp_path, 5) is None


def test_class_weights_may_be_given_by_name(tmp_path: Path) -> None:
    found = weights(tmp_path, 5, weights_by_name={"pole": 3, "sky": 0.5})

    # Of road, pole, train, car and sky.
    assert found is not None
    assert found.tolist() == [1, 3, 1, 1, 0.5]


@pytest.mark.parametrize(
    ("options", "message", "field"),
    [
        ({"class_weights": True}, "not for 5; give weights_by_name", "class_weights"),
        ({"weights_by_name": {"tram": 2}}, "no class 'tram' to weigh; did you mean 'train'", "weights_by_name"),
    ],
)
def test_class_weights_of_other_classes_are_refused(
    tmp_path: Path, options: dict[str, Any], message: str, field: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        weights(tmp_path, 5, **options)
    assert caught.value.pointer == f"/config/supervised/{field}"


def test_epochs_count_the_unlabelled_images(tmp_path: Path) -> None:
    """Four unlabelled images in batches of two, three times."""
    context = round_context(tmp_path, optim={"iterations": None, "epochs": 3}, contrast={"low_rank": 5})
    channel_of, _ = channel_tables(context.datasets[TARGET].classes)

    setup, _ = training_setup(context, build_state(context, 5, 4), open_training(context), channel_of)

    assert setup.schedule.iterations == 6
    assert setup.deviations == ("random initial weights",)
    assert warnings_of(tmp_path) == ["contrast.low_rank is lowered to 4: one below C"]


def test_student_and_teacher_start_from_the_checkpoint_and_the_log_tells_what_did_not_fit(tmp_path: Path) -> None:
    other = build_network(NetworkOptions(name="tiny"), 7, seed=9).state_dict()
    torch.save({"teacher_state": other}, tmp_path / "best.pth")
    model = {"init": "checkpoint", "checkpoint": str(tmp_path / "best.pth"), "checkpoint_partial": True}
    context = round_context(tmp_path / "stage", model=model)

    state = build_state(context, 5, 4)

    for network in (state.student, state.teacher):
        assert torch.equal(network.state_dict()["decoder.head.0.weight"], other["decoder.head.0.weight"])
    [warning] = warnings_of(tmp_path / "stage")
    assert "best.pth was loaded in part: 4 of another shape" in warning


def test_rates_follow_a_cosine_where_that_is_asked_for(tmp_path: Path) -> None:
    schedule = build_schedule(stal_config(optim={"schedule": "cosine", "cosine_floor": 0.1}), 8)

    assert [schedule.factor(done) for done in (0, 4, 8)] == pytest.approx([1.0, 0.55, 0.1])
    # The published decay, (1 - 4/8)^0.9.
    assert build_schedule(stal_config(), 8).factor(4) == pytest.approx(0.5**0.9)


def test_adam_has_the_same_groups_and_moves_by_the_rate_whatever_the_gradient(tmp_path: Path) -> None:
    context = round_context(tmp_path, optim={"name": "adam", "weight_decay": 0})
    student = build_state(context, 5, 4).student
    optimizer = build_optimizer(student, context.config)
    bias = student.decoder.classifier[8].bias
    before = bias.detach().clone()
    bias.grad = torch.full_like(bias, 1e-3)

    optimizer.step()

    assert [(group["name"], group["lr"]) for group in optimizer.param_groups] == [("encoder", 0.01), ("heads", 0.02)]
    torch.testing.assert_close(before - bias.detach(), torch.full_like(bias, 0.02), rtol=1e-4, atol=0)


def test_training_with_adam_that_was_stopped_ends_with_the_same_bits(tmp_path: Path) -> None:
    optim = {"name": "adam", "lr": 1e-3, "schedule": "cosine", "iterations": 4}
    stopped, whole = (rounds_run(tmp_path / name, {"budgets": []}, optim=optim) for name in ("stopped", "whole"))
    finish(whole)
    first = begin_stage(stopped)
    with stopping_after(3) as flag:
        assert in_this_process(first, flag) == 75

    second = begin_stage(stopped)

    assert in_this_process(second, StopFlag()) == 0
    assert teacher_of(second) == teacher_of(attempt_of(whole, 0))


def teacher_of(attempt: Path) -> bytes:
    return (attempt / ARTIFACT_DIR / "model" / "teacher.safetensors").read_bytes()


def test_loss_that_is_not_finite_is_answered_with_settings_of_stal(tmp_path: Path) -> None:
    context = round_context(tmp_path, optim={"lr": 10, "head_lr_factor": 1000, "clip_norm": None, "iterations": 30})

    with pytest.raises(NonFiniteLossError) as caught:
        train_round(context)

    assert str(caught.value).endswith("; lower optim.lr and optim.head_lr_factor, or set optim.clip_norm")


@pytest.mark.parametrize(
    ("self_training", "expected"),
    [
        ({}, StalIteration),
        ({"loss": "plain"}, StalIteration),
        ({"loss": "u2pl"}, U2plIteration),
        ({"weight": 0}, RipuIteration),
    ],
)
def test_config_decides_whose_iteration_a_round_does(
    tmp_path: Path, self_training: dict[str, Any], expected: type[object]
) -> None:
    context = round_context(tmp_path, self_training=self_training)
    channel_of, _ = channel_tables(context.datasets[TARGET].classes)

    _, iteration = training_setup(context, build_state(context, 5, 4), open_training(context), channel_of)

    assert type(iteration) is expected
