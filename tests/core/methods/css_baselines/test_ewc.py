"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest
import torch

from core.methods.css_baselines import ewc
from core.methods.css_baselines.config import EwcConfig
from tests.support.baselines import batch, learner_of


def test_ewc_pulls_important_weights_back() -> None:
    learner = learner_of(EwcConfig.model_validate({"ewc": {"weight": 10}}))
    head = learner.model.cls.heads[1]
    assert head.bias is not None
    objective = ewc.objective_of(learner, {"cls.1.bias": torch.tensor([3.0])})
    with torch.no_grad():
        head.bias += 2

    terms = objective(*batch())

    assert terms["ewc"].item() == pytest.approx(10 / 2 * 3 * 2**2, rel=1e-5)
