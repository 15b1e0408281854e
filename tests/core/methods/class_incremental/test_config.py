from typing import Any

import pytest
from pydantic import ValidationError

from core.engine.sections import ConfigSection
from core.methods.class_incremental.config import DataConfig, EvalConfig, ModelConfig, OptimConfig


def test_defaults_are_the_published_ones() -> None:
    optim, data = OptimConfig(), DataConfig()

    assert (optim.lr_base, optim.lr_step, optim.head_lr_factor, optim.weight_decay) == (1e-3, 1e-4, 10.0, 1e-4)
    assert (optim.momentum, optim.nesterov, optim.poly_power, optim.freeze_bn) == (0.9, True, 0.9, True)
    assert (optim.batch_size, optim.epochs, optim.iterations) == (32, 60, None)
    assert (optim.clip_norm, optim.warmup_iterations) == (None, 0)
    assert (data.crop_px, data.area_min, data.area_max, data.flip) == (512, 0.5, 2.0, True)
    assert (EvalConfig().mode, EvalConfig().decision_rule(has_background=True)) == ("crop", "threshold")
    assert (ModelConfig().name, ModelConfig().output_stride) == ("deeplabv3_resnet101", 16)


@pytest.mark.parametrize(
    ("section", "values"),
    [
        (OptimConfig, {"lr_base": 0}),
        (OptimConfig, {"lr_base": 10.5}),
        (OptimConfig, {"momentum": 1}),
        (OptimConfig, {"batch_size": 0}),
        (OptimConfig, {"iterations": 0}),
        (OptimConfig, {"clip_norm": 0}),
        (DataConfig, {"crop_px": 15}),
        (DataConfig, {"cache_mib": -1}),
        (EvalConfig, {"rule": "best"}),
        (EvalConfig, {"panel_images": 65}),
        (ModelConfig, {"name": "vgg"}),
        (ModelConfig, {"dropout": 1}),
        (ModelConfig, {"depth": 18}),
    ],
)
def test_value_outside_its_range_is_refused(section: type[ConfigSection], values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        section.model_validate(values)

    assert [error["loc"] for error in caught.value.errors()] == [tuple(values)]


def test_data_without_a_background_are_tested_by_the_best_class_unless_a_rule_is_named() -> None:
    assert EvalConfig().decision_rule(has_background=False) == "best_class"
    assert EvalConfig(rule="threshold").decision_rule(has_background=False) == "threshold"


@pytest.mark.parametrize(
    ("evaluation", "has_background", "words"),
    [
        (
            EvalConfig(),
            True,
            "tested on a centre crop of 96 px (mode crop); a pixel gets the best class, or background where none "
            "exceeds probability 0.5 (rule threshold)",
        ),
        (
            EvalConfig(mode="whole"),
            False,
            "tested on the whole image, its shorter side at 96 px (mode whole); a pixel gets the best class "
            "(rule best_class)",
        ),
        (
            EvalConfig(mode="full", rule="argmax_all"),
            True,
            "tested on the whole image at its own size (mode full); a pixel gets the best of background and classes "
            "(rule argmax_all)",
        ),
    ],
)
def test_mode_and_rule_of_a_test_are_told_as_they_are_used(
    evaluation: EvalConfig, has_background: bool, words: str
) -> None:
    assert evaluation.in_words(96, has_background=has_background) == words


def test_nesterov_without_momentum_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValidationError, match="set nesterov: false with momentum: 0"):
        OptimConfig(momentum=0)

    assert OptimConfig(momentum=0, nesterov=False).momentum == 0
