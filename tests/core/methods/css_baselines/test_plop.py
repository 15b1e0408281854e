"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from core.losses.pooled_features import local_pod
from core.methods.css_baselines import plop
from core.methods.css_baselines.config import PlopConfig
from tests.support.baselines import NUM_OLD, batch, learner_of, logits_of


def test_plop_weights_each_image_by_the_share_of_its_background_that_it_could_label() -> None:
    learner = learner_of(PlopConfig())
    logits, old = logits_of(learner)
    images, labels = batch()
    thresholds = plop.Thresholds(learner)
    # Every entropy is below 1.1 and none below 0: the second old class is always accepted, the first never.
    thresholds.restore({"values": [0.0, 1.1]})

    terms = plop.objective_of(learner, thresholds)(images, labels)

    background, says = labels < NUM_OLD, old.argmax(dim=1)
    pseudo = torch.where(background, torch.where(says == 1, 1, 255), labels)
    factors = (background & (says == 1)).sum(dim=(1, 2)) / background.sum(dim=(1, 2))
    losses = F.cross_entropy(logits, pseudo, ignore_index=255, reduction="none")
    assert 0 < factors.min() < factors.max()
    assert terms["ce"].item() == pytest.approx((losses * factors[:, None, None]).mean().item(), rel=1e-5)


@pytest.mark.parametrize("tap", ["pre", "post"])
def test_plop_pools_the_tapped_features(tap: str) -> None:
    config = PlopConfig.model_validate({"plop": {"tap": tap, "pseudo_labels": False}})
    learner = learner_of(config)
    assert learner.old_model is not None
    images, labels = batch()
    new, old = learner.model.maps(images), learner.old_model.maps(images)

    terms = plop.objective_of(learner, plop.Thresholds(learner))(images, labels)

    taps = [[one.relu() if tap == "post" else one for one in maps.taps] for maps in (new, old)]
    assert len(taps[0]) == 4
    assert terms["pod"].item() == pytest.approx(local_pod(*taps, new.coarse_logits, old.coarse_logits).item())
