from __future__ import annotations

import math

import pytest
import torch

from core.acquisition.entropy import class_probs, image_entropy, smoothed_entropy, smoothed_logit_entropy


def test_uniform_pixels_have_the_entropy_1_less_what_the_epsilon_takes() -> None:
    # −ln(¼ + 1e-6) / ln 4
    score = image_entropy(torch.zeros(1, 4, 2, 3, dtype=torch.float64))

    assert score.tolist() == pytest.approx([-math.log(0.25 + 1e-6) / math.log(4)], abs=1e-12)


def test_certain_pixels_have_a_slightly_negative_entropy() -> None:
    assert smoothed_entropy(torch.tensor([1.0, 0.0], dtype=torch.float64)[None, :, None, None]).item() == pytest.approx(
        -1e-6, rel=1e-5
    )


def test_entropy_of_logits_is_that_of_their_softmax() -> None:
    logits = 5 * torch.randn(2, 7, 4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    before = logits.clone()

    found = smoothed_logit_entropy(logits)

    torch.testing.assert_close(found, smoothed_entropy(class_probs(logits)), atol=1e-12, rtol=0)
    assert torch.equal(logits, before)


def test_entropy_of_infinite_logits_is_that_of_a_certain_pixel() -> None:
    logits = torch.tensor([0.0, -torch.inf])[None, :, None, None]

    assert smoothed_logit_entropy(logits).item() == pytest.approx(-1e-6, rel=0.1)


def test_the_score_is_the_mean_over_pixels_of_each_image() -> None:
    # Image 0: one certain and one uniform pixel; image 1: two uniform ones.
    logits = torch.tensor([[[[90.0, 0.0]], [[0.0, 0.0]]], [[[0.0, 0.0]], [[0.0, 0.0]]]])

    assert image_entropy(logits).tolist() == pytest.approx([0.5, 1], abs=1e-5)


def test_log19_changes_the_scale_and_nothing_else() -> None:
    logits = torch.zeros(1, 4, 1, 1)

    assert image_entropy(logits, log19=True).item() == pytest.approx(math.log(4) / math.log(19), abs=1e-5)


def test_logits_are_brought_to_the_size_of_the_image() -> None:
    # Aligned corners put a pixel between the two: logits (90, 0) and (−90, 0) give (0, 0) there, entropy 1 of three.
    logits = torch.tensor([[[[90.0, -90.0]], [[0.0, 0.0]]]])

    assert image_entropy(logits, size=(1, 3)).item() == pytest.approx(1 / 3, abs=1e-5)


def test_half_precision_is_scored_in_single_precision() -> None:
    assert class_probs(torch.zeros(1, 2, 1, 1, dtype=torch.bfloat16)).dtype == torch.float32
    assert image_entropy(torch.zeros(1, 2, 1, 1, dtype=torch.bfloat16)).item() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("shape", [(1, 1, 2, 2), (1, 3, 0, 2)])
def test_logits_without_classes_or_pixels_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"at least 2|no pixel"):
        image_entropy(torch.zeros(shape))
