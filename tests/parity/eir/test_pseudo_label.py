"""Pseudo labels of the old model (EIR 4.4, step 2)."""

import torch

from core.methods.class_incremental.pseudo_labels import confidence, pseudo_label
from tests.support.parity import assert_close, load_case

DKD_M_THRESHOLD = 0.9


def test_confidence_is_the_largest_probability() -> None:
    case = load_case("eir", "pseudo_label")

    probs, _ = confidence(torch.from_numpy(case["logit_old"]))

    assert_close(probs, case["score"], tolerance=1e-6)


def test_labels_at_the_recorded_threshold() -> None:
    case = load_case("eir", "pseudo_label")
    labels, logits = torch.from_numpy(case["label"]), torch.from_numpy(case["logit_old"])

    assert_close(pseudo_label(labels, logits, float(case["threshold"])), case["pseudo"], tolerance=0)


def test_labels_with_the_background_left_out() -> None:
    case = load_case("eir", "pseudo_label")
    labels, logits = torch.from_numpy(case["label"]), torch.from_numpy(case["logit_old"])

    found = pseudo_label(labels, logits, DKD_M_THRESHOLD, foreground_only=True)

    assert_close(found, case["pseudo_fg_argmax_thr09"], tolerance=0)
