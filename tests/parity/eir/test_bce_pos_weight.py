"""The other binary cross-entropies of the published code."""

from __future__ import annotations

import torch

from core.losses.cross_entropy import bce_all_channels, class_bce, sum_of_class_means
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def test_weighted_bce_of_the_new_channels_equals_the_recording() -> None:
    case = load_case("eir", "bce_pos_weight")
    num_old = int(case["n_old_incl_bg"])
    logits, labels = torch.from_numpy(case["logit"]), torch.from_numpy(case["label_new"])

    losses = class_bce(logits[:, num_old:], labels, num_old, torch.from_numpy(case["pos_weight"]))

    assert_close(losses, case["wbce_none"], TOLERANCE)
    assert_close(losses.mean(), case["wbce_mean"], TOLERANCE)
    assert_close(sum_of_class_means(losses), case["wbce_step_loss"], TOLERANCE)


def test_weighted_bce_of_all_foreground_channels_equals_the_recording() -> None:
    case = load_case("eir", "bce_pos_weight")
    logits, labels = torch.from_numpy(case["logit"]), torch.from_numpy(case["label_all"])

    losses = class_bce(logits[:, 1:], labels, 1, torch.from_numpy(case["pos_weight_fg"]))

    assert_close(losses, case["mbce_none"], TOLERANCE)


def test_bce_of_all_channels_equals_the_recording_in_each_form() -> None:
    case = load_case("eir", "bce_pos_weight")
    logits, labels = torch.from_numpy(case["logit"]), torch.from_numpy(case["label_all"])
    logits_old = torch.from_numpy(case["logit_old"])

    assert_close(bce_all_channels(logits, labels, background_target=False), case["bce_ignore_bg"], TOLERANCE)
    assert_close(bce_all_channels(logits, labels, background_target=True), case["bce_with_bg"], TOLERANCE)
    soft_old = bce_all_channels(logits, labels, background_target=False, logits_old=logits_old)
    assert_close(soft_old, case["bce_soft_old"], TOLERANCE)
