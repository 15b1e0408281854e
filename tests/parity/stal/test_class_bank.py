"""Class confidence, what follows from it, and the presence bank against the recording."""

from __future__ import annotations

import pytest
import torch

from core.methods.stal.class_bank import (
    class_confidence,
    classes_shown,
    mix_distribution,
    paste_distribution,
    record_presence,
    update_confidence,
)
from core.methods.stal.losses import sampling_rate
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5
CASE = {name: torch.from_numpy(array) for name, array in load_case("stal", "class_bank").items()}


def test_confidence_of_a_batch_moves_the_bank_as_recorded() -> None:
    confidence, present = class_confidence(CASE["student_logits"], CASE["target"])
    bank = update_confidence(CASE["bank_prev"], confidence, present, float(CASE["momentum"]), decay_absent=True)
    assert_close(confidence, CASE["conf_batch"], TOLERANCE)
    assert_close(bank, CASE["bank_new"], TOLERANCE)


def test_a_class_that_is_absent_keeps_its_confidence_by_default() -> None:
    confidence, present = class_confidence(CASE["student_logits"], CASE["target"])
    bank = update_confidence(CASE["bank_prev"], confidence, present, float(CASE["momentum"]))
    assert_close(bank[~present], CASE["bank_prev"][~present], 0)
    assert_close(bank[present], CASE["bank_new"][present], TOLERANCE)


def test_chances_and_rates_follow_from_the_bank_as_recorded() -> None:
    bank = CASE["bank_new"]
    assert_close(paste_distribution(bank, CASE["paste_classes"]), CASE["paste_prob"], TOLERANCE)
    assert_close(mix_distribution(bank), CASE["mix_prob"], TOLERANCE)
    assert_close(mix_distribution(bank, smooth=True), CASE["mix_prob_smooth"], TOLERANCE)
    assert_close(sampling_rate(bank), CASE["sample_rate"], TOLERANCE)


def test_presence_is_recorded_for_the_images_of_the_batch() -> None:
    shown = classes_shown(CASE["presence_logits"], float(CASE["presence_area"]))
    presence = record_presence(CASE["presence_in"].clone(), CASE["presence_ids"], shown)
    assert_close(presence, CASE["presence_out"], TOLERANCE)


def test_an_area_of_zero_does_not_make_an_absent_class_shown() -> None:
    logits = torch.zeros(1, 3, 2, 2)
    logits[:, 1] = 1
    assert classes_shown(logits, 0.0).tolist() == [[False, True, False]]


@pytest.mark.parametrize("smooth", [False, True])
def test_the_least_known_class_is_the_likeliest_to_be_mixed_in(smooth: bool) -> None:
    chances = mix_distribution(torch.tensor([0.9, 0.1, 0.5]), smooth)
    assert chances.argmax() == 1
    assert_close(chances.sum(), 1.0, TOLERANCE)
