"""The loss of each baseline on one batch, against its formula written out."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.losses.pooled_features import local_pod
from core.methods.class_incremental.growing_model import SegmentationModel, reasoning_maps
from core.methods.css_baselines import dkd, ewc, finetune, ilt, lwf, lwf_mc, mib, plop
from core.methods.css_baselines.config import (
    EwcConfig,
    FinetuneConfig,
    IltConfig,
    LwfConfig,
    LwfMcConfig,
    MibConfig,
    PlopConfig,
)
from core.methods.css_baselines.dkd_config import DkdConfig
from core.methods.css_baselines.learner import Learner
from tests.support.baselines import learner_of

SIDE, NUM_OLD = 32, 2
"""Two old channels, background and class 1; class 2 is new."""


def batch(new_channel: int = 2) -> tuple[Tensor, Tensor]:
    images = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(2, SIDE, SIDE, dtype=torch.int64)
    labels[:, 18:28, 18:28] = new_channel
    labels[1, :4] = 255
    return images, labels


def logits_of(learner: Learner[Any]) -> tuple[Tensor, Tensor]:
    assert learner.old_model is not None
    images, _ = batch()
    return learner.model(images), cast(SegmentationModel, learner.old_model)(images)


def pixels(maps: Tensor) -> Tensor:
    """(P, C) of (B, C, H, W)."""
    return maps.movedim(1, -1).flatten(0, -2)


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


def test_lwf_distils_the_softmax_of_the_old_channels() -> None:
    learner = learner_of(LwfConfig(kd_weight=7))
    logits, old = logits_of(learner)

    terms = lwf.objective_of(learner)(*batch())

    among_old = F.cross_entropy(logits[:, :NUM_OLD], old.softmax(dim=1))
    assert terms["kd"].item() == pytest.approx(7 * among_old.item() / NUM_OLD, rel=1e-5)
    assert terms["ce"].item() == pytest.approx(F.cross_entropy(logits, batch()[1], ignore_index=255).item())


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


def test_ilt_adds_the_squared_difference_of_the_encoders() -> None:
    learner = learner_of(IltConfig(kd_weight=0, feature_weight=3))
    assert learner.old_model is not None
    images, labels = batch()

    terms = ilt.objective_of(learner)(images, labels)

    difference = learner.model.backbone(images) - learner.old_model.backbone(images)
    assert set(terms) == {"ce", "features"}
    assert terms["features"].item() == pytest.approx(3 * difference.square().mean().item(), rel=1e-5)


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


def test_ewc_pulls_important_weights_back() -> None:
    learner = learner_of(EwcConfig.model_validate({"ewc": {"weight": 10}}))
    head = learner.model.cls.heads[1]
    assert head.bias is not None
    objective = ewc.objective_of(learner, {"cls.1.bias": torch.tensor([3.0])})
    with torch.no_grad():
        head.bias += 2

    terms = objective(*batch())

    assert terms["ewc"].item() == pytest.approx(10 / 2 * 3 * 2**2, rel=1e-5)


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
