import pytest
from pydantic import ValidationError

from core.methods.css_baselines.config import FinetuneConfig


def test_defaults_are_the_published_ones_of_the_softmax_methods() -> None:
    config = FinetuneConfig()

    optim = config.optim
    assert (optim.lr_base, optim.lr_step, optim.head_lr_factor, optim.weight_decay) == (1e-2, 1e-3, 1.0, 1e-4)
    assert (optim.batch_size, optim.epochs, optim.momentum, optim.nesterov) == (24, 30, 0.9, True)
    assert not optim.freeze_bn
    assert not config.model.detach_background_head
    assert config.eval.decision_rule(has_background=True) == "argmax_all"
    assert config.init_new == "random"


def test_settings_of_a_memory_are_unknown() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        FinetuneConfig.model_validate({"memory": {"size": 3}})


def test_section_keeps_the_published_defaults_beside_what_is_set() -> None:
    config = FinetuneConfig.model_validate({"optim": {"lr_base": 0.5}})

    assert (config.optim.lr_base, config.optim.lr_step, config.optim.batch_size) == (0.5, 1e-3, 24)
