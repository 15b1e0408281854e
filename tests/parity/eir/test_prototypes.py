"""Running class prototypes over consecutive batches."""

from __future__ import annotations

import torch

from core.methods.eir.feature_losses import Prototypes
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


def test_prototypes_and_counts_after_each_batch_equal_the_recording() -> None:
    case = load_case("eir", "prototypes")
    batches = sum(name.startswith("features") for name in case)
    prototypes = Prototypes(*case["proto0"].shape)

    for number in range(batches):
        features, labels = (torch.from_numpy(case[f"{name}{number}"]) for name in ("features", "label"))
        prototypes.update(features, labels)

        assert_close(prototypes.means, case[f"proto{number}"], TOLERANCE)
        assert_close(prototypes.counts, case[f"count{number}"], TOLERANCE)
    assert batches
