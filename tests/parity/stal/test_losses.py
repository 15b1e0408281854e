"""Supervised and self-training losses of STAL against the recordings."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.engine.teacher_view import teacher_view
from core.methods.stal.losses import (
    CITYSCAPES_WEIGHTS,
    consistency_loss,
    ohem_cross_entropy,
    reliable_labels,
    reverse_cross_entropy,
    sampling_rate,
    u2pl_loss,
)
from core.methods.stal.schedules import drop_percent_at
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5


def leaf(array: object) -> Tensor:
    """Return a recorded array as a tensor that collects a gradient."""
    return torch.as_tensor(array).clone().requires_grad_()


@pytest.mark.parametrize("name", list("abcdef"))
def test_ohem_keeps_the_recorded_pixels(name: str) -> None:
    case = load_case("stal", "ohem")
    logits, aux = leaf(case["logits"]), leaf(case["aux_logits"])
    target = torch.from_numpy(case["target"])
    if name == "f":
        target = torch.full_like(target, IGNORE_INDEX)
    thresh, min_kept = float(case[f"{name}_thresh"]), int(case[f"{name}_min_kept"])

    main = ohem_cross_entropy(logits, target, thresh, min_kept)
    total = main + float(case["aux_weight"]) * ohem_cross_entropy(aux, target, thresh, min_kept)
    total.backward()

    # The reference divides by the number of pixels that are left; where none is, ours is 0.
    for found, wanted in (
        (main, case[f"{name}_loss_main"]),
        (total, case[f"{name}_loss_total"]),
        (logits.grad, case[f"{name}_grad_main"]),
        (aux.grad, case[f"{name}_grad_aux"]),
    ):
        assert found is not None
        assert_close(found.detach(), torch.as_tensor(wanted).nan_to_num(0.0), TOLERANCE)


def test_ohem_weights_the_classes_of_the_main_term() -> None:
    case = load_case("stal", "ohem")
    target, thresh = torch.from_numpy(case["w_target"]), float(case["w_thresh"])
    min_kept, weights = int(case["w_min_kept"]), torch.tensor(CITYSCAPES_WEIGHTS)
    main = ohem_cross_entropy(torch.from_numpy(case["w_logits"]), target, thresh, min_kept, weights)
    aux = ohem_cross_entropy(torch.from_numpy(case["w_aux_logits"]), target, thresh, min_kept)
    assert_close(main + float(case["aux_weight"]) * aux, case["w_loss_total"], TOLERANCE)


@pytest.mark.parametrize("name", ["plain", "sampled", "sampled_g", "ignored"])
def test_consistency_is_weighted_and_sampled_as_recorded(name: str) -> None:
    case = load_case("stal", "consistency")
    logits, labels = leaf(case["student_logits"]), torch.from_numpy(case["pseudo_label"])
    if name == "ignored":
        labels = torch.full_like(labels, IGNORE_INDEX)
    gamma2 = float(case[f"{name}_gamma2"])
    rate = draws = None
    if gamma2 > 0:
        rate = sampling_rate(torch.from_numpy(case["class_conf"]), gamma2)
        # One map a class, shared by the batch: each pixel reads the map of the class that the student sees there.
        maps = torch.from_numpy(case[f"{name}_rand"])
        draws = maps.expand(len(logits), *maps.shape).gather(1, logits.detach().argmax(1, keepdim=True))[:, 0]

    confidence = torch.from_numpy(case["teacher_conf"])
    loss = consistency_loss(logits, labels, confidence, float(case[f"{name}_gamma"]), rate, draws)
    loss.backward()

    assert logits.grad is not None
    assert_close(loss.detach(), case[f"{name}_loss"], TOLERANCE)
    assert_close(logits.grad, case[f"{name}_grad"], TOLERANCE)


def test_reverse_cross_entropy_gives_the_recorded_value_and_gradient() -> None:
    case = load_case("stal", "rce")
    logits = leaf(case["logits"])
    loss = reverse_cross_entropy(logits, torch.from_numpy(case["target"]))
    loss.backward()
    assert logits.grad is not None
    assert_close(loss.detach(), case["loss"], TOLERANCE)
    assert_close(logits.grad, case["grad"], TOLERANCE)


def test_u2pl_drops_the_recorded_share_of_uncertain_pixels() -> None:
    case = load_case("stal", "unsup_u2pl")
    entropy = teacher_view(torch.from_numpy(case["teacher_logits"])).entropy
    for index, percent in enumerate(case["drop_percent"].tolist()):
        logits = leaf(case["student_logits"])
        labels = reliable_labels(torch.from_numpy(case["pseudo_label"]), entropy, percent)
        loss = u2pl_loss(logits, labels)
        loss.backward()
        assert logits.grad is not None
        assert_close(labels != IGNORE_INDEX, case[f"kept_{index}"], 0)
        assert_close(loss.detach(), case[f"loss_{index}"], TOLERANCE)
        assert_close(logits.grad, case[f"grad_{index}"], TOLERANCE)


def test_u2pl_anneals_the_dropped_share_as_recorded() -> None:
    case = load_case("stal", "unsup_u2pl")
    found = [drop_percent_at(epoch, int(case["epochs_total"])) for epoch in case["epoch"].tolist()]
    assert_close(found, case["drop_schedule"], TOLERANCE)
