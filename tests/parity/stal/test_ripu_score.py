"""RIPU's maps (6.3); the recording divides by ln 19 whatever the classes."""

from __future__ import annotations

import pytest
import torch

from core.acquisition.ripu import best_classes, pixel_score, region_impurity, region_score
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


@pytest.mark.parametrize("example", "abcde")
def test_score_impurity_and_uncertainty_equal_the_recording(example: str) -> None:
    case = load_case("stal", "ripu_score")
    logits, radius_px = torch.from_numpy(case[f"{example}_logits"]), int(case[f"{example}_k"])

    maps = region_score(logits, radius_px, log19=True)

    assert_close(maps.score[0], case[f"{example}_score"], TOLERANCE)
    assert_close(maps.impurity[0], case[f"{example}_impurity"], TOLERANCE)
    assert_close(maps.uncertainty[0], case[f"{example}_uncertainty"], TOLERANCE)


@pytest.mark.parametrize("example", "abcde")
def test_impurity_in_nats_equals_the_recording(example: str) -> None:
    case = load_case("stal", "ripu_score")
    logits, radius_px = torch.from_numpy(case[f"{example}_logits"]), int(case[f"{example}_k"])

    assert_close(
        region_impurity(best_classes(logits), logits.shape[1], radius_px)[0],
        case[f"{example}_purity_raw"],
        TOLERANCE,
    )
    assert_close(pixel_score(logits, radius_px).impurity[0], case[f"{example}_purity_raw"], TOLERANCE)
