"""The teacher's labels and masks against the recording."""

from __future__ import annotations

import pytest
import torch

from core.engine.inference import resize_logits
from core.engine.teacher_view import teacher_view
from core.methods.stal.percentile import percentile
from core.methods.stal.pseudo_labels import (
    confident_labels,
    drop_unreliable,
    labelled_masks,
    small_onehot,
    small_probs,
    unlabelled_masks,
)
from core.methods.stal.schedules import unreliable_percent
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5
CASE = load_case("stal", "pseudo_label")
FULL = (int(CASE["full_hw"][0]), int(CASE["full_hw"][1]))
FULL_LOGITS = resize_logits(torch.from_numpy(CASE["teacher_logits_small"]), FULL)
SMALL = (CASE["teacher_logits_small"].shape[2], CASE["teacher_logits_small"].shape[3])
VIEW = teacher_view(FULL_LOGITS)
PERCENT = unreliable_percent(int(CASE["epoch"]), int(CASE["epochs_total"]), float(CASE["low_pct"]))


def test_label_confidence_and_entropy_are_the_recorded_ones() -> None:
    assert_close(VIEW.labels, CASE["label_all"], 0)
    assert_close(VIEW.confidence, CASE["conf"], TOLERANCE)
    assert_close(VIEW.entropy, CASE["entropy"], TOLERANCE)


def test_the_share_of_unreliable_pixels_gives_both_recorded_thresholds() -> None:
    assert_close(PERCENT, CASE["percent"], TOLERANCE)
    assert_close(percentile(VIEW.entropy, PERCENT), CASE["thresh_ref"], TOLERANCE)
    assert_close(percentile(VIEW.entropy, 100 - PERCENT), CASE["thresh_paper"], TOLERANCE)


@pytest.mark.parametrize(("rule", "compat"), [("paper", False), ("ref", True)])
def test_labels_and_masks_of_both_rules_are_the_recorded_ones(rule: str, compat: bool) -> None:
    labels = drop_unreliable(VIEW, PERCENT, drop_low_entropy=compat)
    known = labelled_masks(torch.from_numpy(CASE["labels_sup"]), SMALL)
    percents = (float(CASE["low_pct"]), float(CASE["high_pct"]))
    masks = unlabelled_masks(VIEW.entropy, labels, SMALL, percents)
    assert_close(labels, CASE[f"{rule}_label"], 0)
    assert_close(torch.cat([known.low, masks.low]), CASE[f"{rule}_low_mask"], 0)
    assert_close(torch.cat([known.high, masks.high]), CASE[f"{rule}_high_mask"], 0)
    assert_close(small_onehot(labels, VIEW_CLASSES, SMALL), CASE[f"{rule}_onehot_u"], 0)


VIEW_CLASSES = FULL_LOGITS.shape[1]


def test_small_labels_and_probabilities_are_the_recorded_ones() -> None:
    labels = torch.from_numpy(CASE["labels_sup"])
    full = resize_logits(torch.from_numpy(CASE["teacher_sup_logits_small"]), FULL)
    assert_close(small_onehot(labels, VIEW_CLASSES, SMALL), CASE["onehot_l"], 0)
    assert_close(small_onehot(labels, VIEW_CLASSES, SMALL, batch_item_zero=True), CASE["compat_onehot_l"], 0)
    assert_close(small_probs(full, SMALL), CASE["prob_l"], TOLERANCE)
    assert_close(small_probs(FULL_LOGITS, SMALL), CASE["prob_u"], TOLERANCE)


def test_labelled_images_keep_what_the_teacher_is_sure_of() -> None:
    view = teacher_view(resize_logits(torch.from_numpy(CASE["teacher_sup_logits_small"]), FULL))
    assert_close(view.confidence, CASE["sup_conf"], TOLERANCE)
    assert_close(confident_labels(view, float(CASE["conf_threshold"])), CASE["sup_label"], 0)
