"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest
import torch.nn.functional as F

from core.methods.css_baselines import lwf
from core.methods.css_baselines.config import LwfConfig
from tests.support.baselines import NUM_OLD, batch, learner_of, logits_of


def test_lwf_distils_the_softmax_of_the_old_channels() -> None:
    learner = learner_of(LwfConfig(kd_weight=7))
    logits, old = logits_of(learner)

    terms = lwf.objective_of(learner)(*batch())

    among_old = F.cross_entropy(logits[:, :NUM_OLD], old.softmax(dim=1))
    assert terms["kd"].item() == pytest.approx(7 * among_old.item() / NUM_OLD, rel=1e-5)
    assert terms["ce"].item() == pytest.approx(F.cross_entropy(logits, batch()[1], ignore_index=255).item())
