"""PLOP: local POD, and pseudo labels as in the paper and as in its code."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.losses.pooled_features import local_pod, local_pod_embedding
from core.methods.css_baselines.plop_pseudo_labels import (
    ExactMedians,
    Medians,
    ReferenceMedians,
    apply_pseudo_labels,
    normalised_entropy,
    reference_entropy,
    thresholds_from,
)
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def tensors() -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in load_case("eir", "baseline_plop").items()}


def test_embedding_equals_the_recording() -> None:
    case = tensors()

    assert_close(local_pod_embedding(case["feat_old0"]), case["local_pod_embedding0"], TOLERANCE)


def test_distillation_of_features_and_logits_equals_the_recording() -> None:
    case = tensors()
    numbers = range(sum(name.startswith("feat_old") for name in case))
    new, old = ([case[f"feat_{which}{number}"] for number in numbers] for which in ("new", "old"))

    loss = local_pod(new, old, case["logit_new_small"], case["logit_old_small"])

    assert_close(loss, case["pod_loss"], TOLERANCE)


def test_entropies_equal_the_recording() -> None:
    case = tensors()
    probs = case["logit_old"].softmax(dim=1)

    assert_close(normalised_entropy(probs), case["entropy_norm_paper"], TOLERANCE)
    assert_close(reference_entropy(probs), case["entropy"], TOLERANCE)
    assert_close(math.log(channels(case)), case["max_entropy"], TOLERANCE)


def test_thresholds_equal_the_recording() -> None:
    case = tensors()
    num_old, num_channels = int(case["n_old_incl_bg"]), channels(case)
    probs = case["logit_old"].softmax(dim=1)

    paper = found_thresholds(ExactMedians(num_old), normalised_entropy(probs), case)
    code = found_thresholds(ReferenceMedians(num_channels), reference_entropy(probs) / math.log(num_channels), case)

    assert_close(paper, case["thresholds_paper"], TOLERANCE)
    assert_close(code, case["thresholds_code"], TOLERANCE)


def test_pseudo_labels_and_factors_of_the_paper_equal_the_recording() -> None:
    case = tensors()
    thresholds = found_thresholds(
        ExactMedians(int(case["n_old_incl_bg"])), normalised_entropy(case["logit_old"].softmax(dim=1)), case
    )

    found = apply_pseudo_labels(case["label"], case["logit_old"], thresholds, channels(case))

    assert torch.equal(found.labels, case["pseudo_paper"])
    assert_close(found.factors, case["adaptive_factor_paper"], TOLERANCE)


def test_pseudo_labels_and_factors_of_the_code_equal_the_recording() -> None:
    case = tensors()

    found = apply_pseudo_labels(
        case["label"], case["logit_old"], case["thresholds_code"], channels(case), code_compat=True
    )

    assert torch.equal(found.labels, case["pseudo_code"])
    assert_close(found.factors, case["adaptive_factor_code"], TOLERANCE)


def channels(case: dict[str, Tensor]) -> int:
    return int(case["n_old_incl_bg"]) + int(case["n_new"])


def found_thresholds(medians: Medians, entropy: Tensor, case: dict[str, Tensor]) -> Tensor:
    """Read the recorded batch as often as the medians ask for."""
    predicted = case["logit_old"].argmax(dim=1)
    for number in range(medians.passes):
        medians.add(entropy, predicted, case["label"] == 0, number)
    return thresholds_from(medians.medians())
