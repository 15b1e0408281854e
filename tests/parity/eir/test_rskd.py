"""Region-specific distillation: the corrected form, the reference formula and the unbiased mode."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.losses.distillation import (
    distillation,
    reference_region_distillation,
    region_specific_distillation,
    region_terms,
)
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def test_corrected_form_equals_the_recording() -> None:
    case = load_case("eir", "rskd")
    logits, logits_old, mask = tensors(case)

    new_map, rest_map = region_terms(logits, logits_old, mask)

    assert_close(new_map, case["fixed_new_region_map"], TOLERANCE)
    assert_close(rest_map, case["fixed_rest_region_map"], TOLERANCE)
    assert_close(distillation(logits, logits_old, mask), case["fixed_total_mean"], TOLERANCE)
    assert_close(distillation(logits, logits_old, mask, rest=False), case["fixed_new_region_mean"], TOLERANCE)


def test_gradient_of_the_corrected_form_equals_the_recording() -> None:
    case = load_case("eir", "rskd")
    logits, logits_old, mask = tensors(case)

    region_specific_distillation(logits.requires_grad_(), logits_old, mask).backward()

    assert_close(logits.grad, case["fixed_total_grad"], TOLERANCE)


def test_one_new_channel_stays_finite_with_and_without_new_pixels() -> None:
    case = load_case("eir", "rskd")
    logits, logits_old, mask = tensors(case)
    one_new = logits[:, : logits_old.shape[1] + 1]

    total = region_specific_distillation(one_new, logits_old, mask)
    without_new_pixels = region_specific_distillation(one_new, logits_old, torch.zeros_like(mask))

    assert_close(total, case["fixed_one_new_total_mean"], TOLERANCE)
    assert_close(without_new_pixels, case["fixed_zero_mask_total_mean"], TOLERANCE)


def test_reference_formula_equals_the_recording() -> None:
    case = load_case("eir", "rskd")
    logits, logits_old, mask = tensors(case)

    by_pixel = reference_region_distillation(logits, logits_old, reduction="none")
    masked_sum = reference_region_distillation(logits, logits_old, mask, reduction="sum")
    sharper = reference_region_distillation(logits, logits_old, alpha=2.0)

    assert_close(by_pixel, case["code_map"], TOLERANCE)
    assert_close(reference_region_distillation(logits, logits_old), case["code_mean"], TOLERANCE)
    assert_close(reference_region_distillation(logits, logits_old, mask), case["code_masked_mean"], TOLERANCE)
    assert_close(masked_sum, case["code_masked_sum"], TOLERANCE)
    assert_close(sharper, case["code_alpha2_mean"], TOLERANCE)


def test_unbiased_mode_equals_the_recording() -> None:
    case = load_case("eir", "rskd")
    logits, logits_old, mask = tensors(case)

    loss = distillation(logits, logits_old, mask, mode="unbiased")

    assert_close(loss, case["unbiased_mean"], TOLERANCE)


def tensors(case: dict[str, np.ndarray]) -> tuple[Tensor, Tensor, Tensor]:
    mask = torch.from_numpy(case["mask_new"]).float()
    return torch.from_numpy(case["logit"]), torch.from_numpy(case["logit_old"]), mask
