"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest
import torch

from core.methods.css_baselines import mib
from core.methods.css_baselines.config import MibConfig
from tests.support.baselines import NUM_OLD, batch, learner_of, logits_of, pixels


def test_mib_gives_the_background_to_old_classes_in_labels_and_to_new_ones_in_distillation() -> None:
    learner = learner_of(MibConfig(kd_weight=7))
    logits, old = logits_of(learner)
    labels = batch()[1].flatten()
    probs, old_probs = pixels(logits).softmax(dim=1), pixels(old).softmax(dim=1)

    terms = mib.objective_of(learner)(*batch())

    of_label = torch.where(labels == 2, probs[:, 2], probs[:, :NUM_OLD].sum(dim=1))[labels != 255]
    hiding = torch.stack([probs[:, 0] + probs[:, 2], probs[:, 1]], dim=1)
    assert terms["uce"].item() == pytest.approx(-of_label.log().mean().item(), rel=1e-5)
    distilled = -(old_probs * hiding.log()).sum(dim=1).mean() / NUM_OLD
    assert terms["ukd"].item() == pytest.approx(7 * distilled.item(), rel=1e-5)
