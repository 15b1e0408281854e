"""What the objectives of the baselines have in common."""

from __future__ import annotations

from typing import Any

import pytest
import torch.nn.functional as F

from core.methods.css_baselines import dkd, finetune, ilt, lwf, lwf_mc, mib
from core.methods.css_baselines.config import (
    FinetuneConfig,
    IltConfig,
    LwfConfig,
    LwfMcConfig,
    MibConfig,
)
from core.methods.css_baselines.dkd_config import DkdConfig
from tests.support.baselines import batch, learner_of


@pytest.mark.parametrize(
    ("module", "config", "name"),
    [
        (finetune, FinetuneConfig(), "ce"),
        (lwf, LwfConfig(), "ce"),
        (ilt, IltConfig(), "ce"),
        (mib, MibConfig(), "uce"),
    ],
)
def test_base_step_is_softmax_cross_entropy_alone(module: Any, config: Any, name: str) -> None:
    learner = learner_of(config, step=0)
    images, labels = batch(1)

    terms = module.objective_of(learner)(images, labels)

    assert set(terms) == {name}
    assert terms[name].item() == pytest.approx(F.cross_entropy(learner.model(images), labels, ignore_index=255).item())


@pytest.mark.parametrize(
    ("module", "config"),
    [
        (dkd, DkdConfig.model_validate({"loss": {"kd": 0, "positive": 0, "negative": 0, "ac": 0}})),
        (lwf, LwfConfig(kd_weight=0)),
        (lwf_mc, LwfMcConfig(kd_weight=0)),
        (mib, MibConfig(kd_weight=0)),
        (ilt, IltConfig(kd_weight=0, feature_weight=0)),
    ],
)
def test_weight_of_zero_leaves_the_term_out(module: Any, config: Any) -> None:
    assert len(module.objective_of(learner_of(config))(*batch())) == 1
