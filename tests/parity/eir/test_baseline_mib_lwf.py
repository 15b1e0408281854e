"""Losses of MiB and LwF, cross-entropy of fine-tuning, and the start of MiB's new heads."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.losses.cross_entropy import cross_entropy, unbiased_cross_entropy
from core.losses.distillation import restricted_distillation, unbiased_distillation
from core.methods.class_incremental.growing_model import GrowingClassifier, SegmentationModel
from core.methods.class_incremental.initial_weights import initialise_new_head
from core.models.tiny import TinyEncoder
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def tensors() -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in load_case("eir", "baseline_mib_lwf").items()}


def test_unbiased_cross_entropy_equals_the_recording() -> None:
    case = tensors()
    inputs = (case["logit"], case["label"], int(case["n_old_incl_bg"]))

    assert_close(unbiased_cross_entropy(*inputs), case["uce_mean"], TOLERANCE)
    assert_close(unbiased_cross_entropy(*inputs, reduction="none"), case["uce_none"], TOLERANCE)


def test_gradient_of_the_unbiased_cross_entropy_equals_the_recording() -> None:
    case = tensors()
    logits = case["logit"].requires_grad_()

    unbiased_cross_entropy(logits, case["label"], int(case["n_old_incl_bg"])).backward()

    assert_close(logits.grad, case["uce_grad"], TOLERANCE)


def test_distillations_equal_the_recording() -> None:
    case = tensors()
    logits, logits_old = case["logit"], case["logit_old"]

    assert_close(unbiased_distillation(logits, logits_old), case["ukd_mean"], TOLERANCE)
    assert_close(unbiased_distillation(logits, logits_old, reduction="none"), case["ukd_none"], TOLERANCE)
    assert_close(restricted_distillation(logits, logits_old), case["lwf_kd_mean"], TOLERANCE)


def test_total_losses_of_both_methods_equal_the_recording() -> None:
    case = tensors()
    logits, logits_old, labels = case["logit"], case["logit_old"], case["label"]
    num_old = int(case["n_old_incl_bg"])
    collapsed = torch.where(labels < num_old, 0, labels)

    mib = unbiased_cross_entropy(logits, labels, num_old) + 10 * unbiased_distillation(logits, logits_old)
    lwf = cross_entropy(logits, collapsed) + 100 * restricted_distillation(logits, logits_old)

    assert torch.equal(collapsed, case["ce_label"])
    assert_close(cross_entropy(logits, collapsed), case["ce_mean"], TOLERANCE)
    assert_close(mib, case["mib_total_lambda10"], TOLERANCE)
    assert_close(lwf, case["lwf_total_lambda100"], TOLERANCE)


def test_new_heads_start_from_the_shifted_background() -> None:
    case = load_case("eir", "baseline_mib_lwf")
    classifier = GrowingClassifier(case["bg_weight"].shape[1], [len(case["init_new_bias"])])
    classifier.heads[0].load_state_dict(
        {"weight": torch.from_numpy(case["bg_weight"])[..., None, None], "bias": torch.from_numpy(case["bg_bias"])}
    )

    initialise_new_head(SegmentationModel(TinyEncoder(), torch.nn.Identity(), classifier), "mib", torch.Generator())

    background, new = ({name: np.asarray(value) for name, value in head.state_dict().items()} for head in classifier)
    assert_close(new["weight"][:, :, 0, 0], case["init_new_weight"], TOLERANCE)
    assert_close(new["bias"], case["init_new_bias"], TOLERANCE)
    assert_close(background["bias"], case["init_bg_bias"], TOLERANCE)
