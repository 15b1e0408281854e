import pytest
from pydantic import ValidationError

from core.methods.eir.config import EirConfig


def test_defaults_are_the_published_ones() -> None:
    config = EirConfig()

    assert (config.memory.size, config.pseudo_labels.threshold) == (100, 0.7)
    assert (config.kd.weight, config.kd.mode, config.kd.alpha, config.kd.rest) == (5.0, "rskd", 1.0, True)
    assert (config.loss.mbce, config.loss.ac, config.loss.pos_weight) == (1.0, 0.0, 1.0)
    assert config.init_new == "background"
    assert config.optim.freeze_bn
    assert config.eval.decision_rule(has_background=True) == "threshold"


def test_cell_must_fit_the_crop() -> None:
    with pytest.raises(ValidationError, match=r"paste\.cell is 300 px but the training crop has 256 px"):
        EirConfig.model_validate({"data": {"crop_px": 256}, "paste": {"cell": 300}})


def test_config_survives_json() -> None:
    config = EirConfig.model_validate({"paste": {"lambda": 0.5}, "memory": {"size": 7}})

    assert EirConfig.model_validate(config.model_dump(mode="json")) == config
    assert config.model_dump(mode="json")["paste"]["lambda"] == 0.5


@pytest.mark.parametrize(
    "wrong", [{"kd": {"weight": -1}}, {"kd": {"mode": "all"}}, {"loss": {"mbce": 0}}, {"init_new": "zero"}]
)
def test_values_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        EirConfig.model_validate(wrong)
