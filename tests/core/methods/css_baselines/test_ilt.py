"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest

from core.methods.css_baselines import ilt
from core.methods.css_baselines.config import IltConfig
from tests.support.baselines import batch, learner_of


def test_ilt_adds_the_squared_difference_of_the_encoders() -> None:
    learner = learner_of(IltConfig(kd_weight=0, feature_weight=3))
    assert learner.old_model is not None
    images, labels = batch()

    terms = ilt.objective_of(learner)(images, labels)

    difference = learner.model.backbone(images) - learner.old_model.backbone(images)
    assert set(terms) == {"ce", "features"}
    assert terms["features"].item() == pytest.approx(3 * difference.square().mean().item(), rel=1e-5)
