from __future__ import annotations

from typing import Any

import pytest

from core.methods.coast.baseline_config import OracleConfig, SourceOnlyConfig
from core.methods.coast.config import CoastConfig
from core.methods.coast.idle_settings import idle_of
from core.methods.idle_settings import idle_settings


def idle(**sections: Any) -> list[str]:
    config = CoastConfig.model_validate(sections)
    return [fault.pointer for fault in idle_settings(config, idle_of(config))]


def test_defaults_are_the_published_ones_for_seven_classes_and_say_nothing() -> None:
    config = CoastConfig()

    assert (config.data.image_size, config.data.crop_size) == ((640, 320), (320, 160))
    assert (config.warm_up.lr, config.warm_up.adversarial, config.warm_up.adversarial_weight) == (
        2.5e-4,
        "vanilla",
        1e-3,
    )
    assert (config.self_training.lr, config.pseudo_labels.every, config.eval.every) == (1e-4, 10_000, 1000)
    assert set(config.flavour.model_dump().values()) == {"clean", "exact", "pixel", "none", "direct"}
    assert idle() == []


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        (
            {"model": {"warmed_up": "models/warm-up"}, "warm_up": {"lr": 0.1}},
            ["/config/warm_up/lr"],
        ),
        (
            {"warm_up": {"adversarial_weight": 0, "adversarial": "ls", "discriminator_lr": 0.1}},
            ["/config/warm_up/adversarial", "/config/warm_up/discriminator_lr"],
        ),
        ({"warm_up": {"freeze_bn": False, "shared_pass": False}}, ["/config/warm_up/shared_pass"]),
        ({"self_training": {"rectify": False, "gamma": 2}}, ["/config/self_training/gamma"]),
        (
            {"flavour": {"rectify_mode": "reference"}, "self_training": {"target_loss_weight": 4}},
            ["/config/self_training/target_loss_weight"],
        ),
    ],
)
def test_settings_without_effect_are_named(sections: dict[str, Any], expected: list[str]) -> None:
    assert idle(**sections) == expected


def test_the_protocol_of_the_tests_is_told_in_words() -> None:
    native = CoastConfig.model_validate({"eval": {"resolution": "native", "head": "mean_softmax"}})

    assert CoastConfig().testing_in_words(has_background=False) == (
        "tested by the domain-agnostic classifier at image_size, labels resized too (resolution resized); a pixel gets "
        "the best class"
    )
    assert "the mean of all classifiers' probabilities at the labels' own size" in native.testing_in_words(False)
    assert SourceOnlyConfig().testing_in_words(False).startswith("tested by the classifier at image_size")
    assert OracleConfig().labels == "union"
