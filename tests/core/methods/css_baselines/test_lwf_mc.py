"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest
import torch.nn.functional as F

from core.methods.css_baselines import lwf_mc
from core.methods.css_baselines.config import LwfMcConfig
from tests.support.baselines import NUM_OLD, batch, learner_of, logits_of, pixels


def test_lwf_mc_has_labels_for_the_new_channel_and_probabilities_for_the_old() -> None:
    learner = learner_of(LwfMcConfig(kd_weight=7))
    logits, old = logits_of(learner)
    labels = batch()[1]
    counts = (labels != 255).flatten()

    terms = lwf_mc.objective_of(learner)(*batch())

    new = F.binary_cross_entropy_with_logits(pixels(logits)[counts, 2], (labels == 2).flatten()[counts].float())
    kept = F.binary_cross_entropy_with_logits(logits[:, :NUM_OLD], old.sigmoid())
    assert terms["bce"].item() == pytest.approx(new.item(), rel=1e-5)
    assert terms["kd"].item() == pytest.approx(7 * kept.item(), rel=1e-5)


def test_lwf_mc_starts_with_a_sigmoid_for_every_channel() -> None:
    learner = learner_of(LwfMcConfig(), step=0)
    images, labels = batch(1)
    counts = (labels != 255).flatten()

    terms = lwf_mc.objective_of(learner)(images, labels)

    targets = F.one_hot(labels.flatten()[counts], 2).float()
    expected = F.binary_cross_entropy_with_logits(pixels(learner.model(images))[counts], targets)
    assert set(terms) == {"bce"}
    assert terms["bce"].item() == pytest.approx(expected.item(), rel=1e-5)
