"""The loss on one batch, against its formula written out."""

from __future__ import annotations

import pytest
import torch.nn.functional as F

from core.methods.class_incremental.growing_model import reasoning_maps
from core.methods.css_baselines import dkd
from core.methods.css_baselines.dkd_config import DkdConfig
from tests.support.baselines import batch, learner_of


def test_dkd_starts_with_new_classes_whose_positives_count_twice_and_a_low_auxiliary_channel() -> None:
    learner = learner_of(DkdConfig(), step=0)
    images, labels = batch(1)
    logits = learner.model(images)

    terms = dkd.objective_of(learner)(images, labels)

    is_new = (labels == 1).float()
    # Ignored pixels count as negatives.
    bce = 2 * is_new * F.softplus(-logits[:, 1]) + (1 - is_new) * F.softplus(logits[:, 1])
    assert set(terms) == {"mbce", "ac"}
    assert terms["mbce"].item() == pytest.approx(bce.mean().item(), rel=1e-5)
    assert terms["ac"].item() == pytest.approx(F.softplus(logits[:, 0]).mean().item(), rel=1e-5)


def test_dkd_distils_sigmoids_and_the_evidence_for_and_against_old_classes() -> None:
    learner = learner_of(DkdConfig.model_validate({"loss": {"kd": 3, "positive": 5, "negative": 7, "ac": 0}}))
    assert learner.old_model is not None
    images, labels = batch()
    new, old = learner.model.outputs(images), learner.old_model.outputs(images)

    terms = dkd.objective_of(learner)(images, labels)

    is_new = (labels == 2).float()
    evidence, before = (
        reasoning_maps(one.cls, out.features) for one, out in ((learner.model, new), (learner.old_model, old))
    )
    kept = F.binary_cross_entropy_with_logits(new.logits[:, 1], old.logits[:, 1].sigmoid())
    for_it, against = (
        F.binary_cross_entropy_with_logits(maps[:, 0], maps_old[:, 0].sigmoid())
        for maps, maps_old in zip(evidence, before, strict=True)
    )
    expected = {
        "mbce": F.binary_cross_entropy_with_logits(new.logits[:, 2], is_new),
        "kd": 3 * kept,
        "positive": 5 * for_it,
        "negative": 7 * against,
    }
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(
        {name: term.item() for name, term in expected.items()}, rel=1e-5
    )
