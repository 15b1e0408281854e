"""Clustering around prototypes, separation of class means, constancy within old classes."""

from __future__ import annotations

import torch
from torch import Tensor

from core.methods.eir.feature_losses import feature_clustering, feature_separation, intra_class
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def tensors() -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in load_case("eir", "feature_losses").items()}


def test_clustering_equals_the_recording_with_and_without_background() -> None:
    case = tensors()
    inputs = (case["features"], case["label"], case["prototypes"])

    assert_close(feature_clustering(*inputs), case["clustering"], TOLERANCE)
    assert_close(feature_clustering(*inputs, with_background=True), case["clustering_with_bg"], TOLERANCE)


def test_separation_equals_the_recording_at_both_margins() -> None:
    case = tensors()
    inputs = (case["features"], case["label"], len(case["prototypes"]))

    assert_close(feature_separation(*inputs, margin=2), case["separation_m2"], TOLERANCE)
    assert_close(feature_separation(*inputs, margin=1), case["separation_m1"], TOLERANCE)


def test_intra_class_loss_equals_the_recording() -> None:
    case = tensors()

    loss = intra_class(case["features"], case["features_old"], case["label"], case["logits_old"], int(case["num_old"]))

    assert_close(loss, case["intra_class"], TOLERANCE)
