"""RIPU's choice of regions and pixels over rounds (6.3); masks carry over from one round to the next."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from core.acquisition.query_masks import (
    QueryMasks,
    pixels_per_round,
    regions_per_round,
    select_pixels,
    select_regions,
)
from core.acquisition.ripu import pixel_score, region_score
from tests.support.parity import load_case

REGIONS = ["ra", "ra2", "tie"]
Arrays = dict[str, np.ndarray]


def scores(case: Arrays, example: str) -> Iterator[np.ndarray]:
    """Yield the score map of each round."""
    if f"{example}_score" in case:
        yield case[f"{example}_score"]
        return
    radius_px, size = int(case[f"{example}_k"]), case[f"{example}_gt"].shape
    for logits in torch.from_numpy(case[f"{example}_logits"]).split(1):
        whole = F.interpolate(logits, size, mode="bilinear", align_corners=True)
        score = pixel_score(whole, radius_px) if example == "pa" else region_score(whole, radius_px, log19=True)
        yield score.score[0].numpy()


def picks_per_round(case: Arrays, example: str) -> int:
    budget, rounds = float(case[f"{example}_budget"]), int(case[f"{example}_rounds"])
    if example == "pa":
        return pixels_per_round(budget, rounds)
    height, width = case[f"{example}_gt"].shape
    return regions_per_round((height, width), budget, rounds, int(case[f"{example}_k"]))


@pytest.mark.parametrize("example", [*REGIONS, "pa"])
def test_number_of_picks_a_round_equals_the_recording(example: str) -> None:
    case = load_case("stal", "ripu_select")

    assert picks_per_round(case, example) == int(case[f"{example}_n_per_round"])


@pytest.mark.parametrize("example", [*REGIONS, "pa"])
def test_masks_after_every_round_equal_the_recording(example: str) -> None:
    case = load_case("stal", "ripu_select")
    truth, radius_px = case[f"{example}_gt"], int(case[f"{example}_k"])
    select = select_pixels if example == "pa" else select_regions
    masks, rounds = QueryMasks.blank(*truth.shape), []

    for score in scores(case, example):
        masks, _ = select(score, masks, radius_px, picks_per_round(case, example))
        masks = masks.answered(truth)
        rounds.append(masks)

    np.testing.assert_array_equal([after.labels for after in rounds], case[f"{example}_mask"])
    np.testing.assert_array_equal([after.blocked for after in rounds], case[f"{example}_blocked"])
    np.testing.assert_array_equal([after.selected for after in rounds], case[f"{example}_selected"])
