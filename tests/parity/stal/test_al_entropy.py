"""STAL's score of images (6.1)."""

from __future__ import annotations

import torch

from core.acquisition.entropy import image_entropy
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


def test_scores_of_images_equal_the_recording() -> None:
    case = load_case("stal", "al_entropy")

    assert_close(image_entropy(torch.from_numpy(case["logits"])), case["score"], TOLERANCE)


def test_the_reference_divides_by_ln_19_whatever_the_classes() -> None:
    case = load_case("stal", "al_entropy")

    score = image_entropy(torch.from_numpy(case["logits16"]), log19=True)

    assert_close(score, case["score16_log19"], TOLERANCE)


def test_small_logits_are_scored_at_the_size_of_the_image() -> None:
    case = load_case("stal", "al_entropy")
    height, width = case["up_hw"].tolist()

    score = image_entropy(torch.from_numpy(case["small_logits"]), size=(height, width))

    assert_close(score[0], case["score_up"], TOLERANCE)
