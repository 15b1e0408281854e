"""The discriminator with the recorded weights (CoaST 3.1)."""

from __future__ import annotations

import torch

from core.models.discriminator import Discriminator
from core.models.parameters import parameter_count
from tests.support.hashed_weights import load_hashed_weights
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-4


def test_the_discriminator_gives_the_recorded_maps() -> None:
    case = load_case("coast", "discriminator")
    discriminator = Discriminator(case["x"].shape[1])
    load_hashed_weights(discriminator, case["salt"])

    with torch.no_grad():
        found, small = (discriminator(torch.from_numpy(case[name])) for name in ("x", "x_small"))

    assert parameter_count(discriminator) == int(case["n_params"])
    assert_close(found, case["out"], TOLERANCE)
    assert_close(small, case["out_small"], TOLERANCE)
