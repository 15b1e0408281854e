"""A round's training put together."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.errors import ConfigError
from core.methods.stal.round_data import channel_tables, open_round
from core.methods.stal.stages import rounds_of
from core.methods.stal.training import build_optimizer, build_state, class_weights, paste_channels, training_setup
from tests.support.local_runs import warnings_of
from tests.support.rounds import round_context, stal_config

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
    channel_of, _ = channel_tables(context.train_set.classes)

    # Of road, pole, train, car and sky.
    assert paste_channels(context, channel_of).tolist() == [1, 2, 3]


def test_class_weights_are_those_of_cityscapes() -> None:
    ohem = class_weights(stal_config(supervised={"loss": "ohem", "class_weights": True}), 19, CPU)
    plain = class_weights(stal_config(supervised={"loss": "ce", "class_weights": True}), 19, CPU)

    assert ohem is not None
    assert plain is not None
    assert ohem[16] == 10.0
    assert plain.nonzero()[:, 0].tolist() == [3, 4, 5, 6, 9, 12, 14, 16, 17, 18]
    assert class_weights(stal_config(), 5, CPU) is None


def test_class_weights_of_other_classes_are_refused() -> None:
    with pytest.raises(ConfigError, match="not for 5") as caught:
        class_weights(stal_config(supervised={"class_weights": True}), 5, CPU)
    assert caught.value.pointer == "/config/supervised/class_weights"


def test_epochs_count_the_unlabelled_images(tmp_path: Path) -> None:
    """Four unlabelled images in batches of two, three times."""
    context = round_context(tmp_path, optim={"iterations": None, "epochs": 3}, contrast={"low_rank": 5})
    channel_of, _ = channel_tables(context.train_set.classes)

    setup, _ = training_setup(
        context, build_state(context, 5, 4), open_round(context, rounds_of(context), with_source=True), channel_of
    )

    assert setup.schedule.iterations == 6
    assert setup.deviations == ("random initial weights",)
    assert warnings_of(tmp_path) == ["contrast.low_rank is lowered to 4: one below C"]
