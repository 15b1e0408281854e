"""Contrastive loss, its keys and its memory against the recordings."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from core.methods.stal.contrastive import (
    ClassPixels,
    ContrastDraws,
    ContrastSettings,
    KeyRule,
    PixelView,
    contrastive_loss,
    gather_classes,
    key_mask,
    push_keys,
    smooth_positives,
    used_classes,
)
from core.methods.stal.memory_bank import ClassMemoryBank
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-5
Case = dict[str, npt.NDArray[np.generic]]


def view_of(case: Case) -> PixelView:
    onehot = torch.from_numpy(np.concatenate([case["label_l"], case["label_u"]]))
    probs = torch.from_numpy(np.concatenate([case["prob_l"], case["prob_u"]]))
    high = torch.from_numpy(case["high_mask"])
    low = torch.from_numpy(case["low_mask"]) if "low_mask" in case else torch.zeros_like(high)
    return PixelView(onehot, probs, low, high, num_labelled=len(case["label_l"]))


def rule_of(case: Case, *, needs_label: bool) -> KeyRule:
    low, high = int(case["low_rank"]), int(case["high_rank"])
    return KeyRule(low, high, float(case["current_class_negative_threshold"]), needs_label)


def settings_of(case: Case, **options: bool) -> ContrastSettings:
    return ContrastSettings(float(case["current_class_threshold"]), float(case["temperature"]), **options)


def bank_of(case: Case) -> ClassMemoryBank:
    lengths = torch.from_numpy(case["bank_in_len"])
    bank = ClassMemoryBank(case["queue_size"].tolist(), case["rep"].shape[1])
    ends = [0, *lengths.cumsum(0).tolist()]
    index = torch.zeros(len(lengths), max(1, int(lengths.max())), dtype=torch.long)
    for class_id, (start, end) in enumerate(pairwise(ends)):
        index[class_id, : end - start] = torch.arange(start, end)
    bank.push(torch.from_numpy(case["bank_in"]), index, lengths)
    return bank


def contents(bank: ClassMemoryBank) -> Tensor:
    return torch.cat([bank.contents(class_id) for class_id in range(len(bank.lengths))])


def draws_of(case: Case, used: Tensor, prefix: str = "") -> ContrastDraws:
    """Spread the recorded rows, which belong to the classes that are not skipped, over all classes."""
    anchors = torch.from_numpy(case[f"{prefix}anchor_idx"])
    queries, negatives = int(case["num_queries"]), int(case["num_negatives"])
    all_anchors = torch.zeros(len(used), queries, dtype=torch.long)
    all_negatives = torch.zeros(len(used), queries, negatives, dtype=torch.long)
    rows = used.nonzero()[:, 0]
    assert len(rows) == len(anchors)
    all_anchors[rows] = anchors
    all_negatives[rows] = torch.from_numpy(case[f"{prefix}neg_idx"]).reshape(len(rows), queries, negatives)
    return ContrastDraws(all_anchors, all_negatives)


def pushed(case: Case) -> tuple[ClassMemoryBank, Tensor]:
    bank = bank_of(case)
    mask = key_mask(view_of(case), rule_of(case, needs_label=True))
    return bank, push_keys(bank, torch.from_numpy(case["rep_teacher"]), mask)


@pytest.mark.parametrize("name", ["contra_aligned", "contra_absent"])
def test_the_memory_after_the_push_is_the_recorded_one(name: str) -> None:
    case = load_case("stal", name)
    bank, counts = pushed(case)
    assert_close(counts, case["new_keys"], 0)
    assert_close(bank.lengths, case["bank_out_len"], 0)
    assert_close(contents(bank), case["bank_out"], TOLERANCE)


def loss_and_gradient(case: Case, settings: ContrastSettings, prefix: str = "") -> tuple[Tensor, Tensor, ClassPixels]:
    bank, _ = pushed(case)
    pixels = gather_classes(view_of(case), torch.from_numpy(case["rep_teacher"]), settings)
    rep = torch.from_numpy(case["rep"]).requires_grad_()
    draws = draws_of(case, used_classes(pixels, bank, settings), prefix)
    loss = contrastive_loss(rep, pixels, bank, draws, settings)
    loss.backward()
    assert rep.grad is not None
    return loss.detach(), rep.grad, pixels


@pytest.mark.parametrize(
    ("name", "prefix"), [("contra_aligned", ""), ("contra_absent", ""), ("contra_absent", "compat_")]
)
def test_loss_and_gradient_are_the_recorded_ones(name: str, prefix: str) -> None:
    case = load_case("stal", name)
    loss, gradient, _ = loss_and_gradient(case, settings_of(case, positional_index=prefix == "compat_"), prefix)
    assert_close(loss, case[f"{prefix}loss"], TOLERANCE)
    assert_close(gradient, case[f"{prefix}grad_rep"], TOLERANCE)


def test_positives_are_weighted_by_confidence_as_recorded() -> None:
    case = load_case("stal", "contra_aligned")
    assert_close(loss_and_gradient(case, settings_of(case, conf_weight=True))[0], case["loss_confweight"], TOLERANCE)


@pytest.mark.parametrize(("suffix", "is_stored"), [("", True), ("_zero", False)])
def test_positives_are_averaged_over_iterations_as_recorded(suffix: str, is_stored: bool) -> None:
    case = load_case("stal", "contra_aligned")
    settings = settings_of(case)
    bank, _ = pushed(case)
    pixels = gather_classes(view_of(case), torch.from_numpy(case["rep_teacher"]), settings)
    used = used_classes(pixels, bank, settings)
    stored = torch.from_numpy(case["momentum_proto"]) * is_stored
    smoothed, store = smooth_positives(pixels, stored, int(case["momentum_step"]), used, reset_absent=True)
    loss = contrastive_loss(torch.from_numpy(case["rep"]), smoothed, bank, draws_of(case, used), settings)
    assert_close(loss, case[f"loss_momentum{suffix}"], TOLERANCE)
    assert_close(store, case[f"proto_out{suffix}"], TOLERANCE)


def test_a_single_class_gives_no_loss() -> None:
    case = load_case("stal", "contra_absent")
    single = int(case["single_class"])
    view = view_of(case)
    only = torch.zeros_like(view.onehot)
    only[:, single] = view.onehot[:, single]
    bank, _ = pushed(case)
    pixels = gather_classes(replace(view, onehot=only), torch.from_numpy(case["rep_teacher"]), settings_of(case))
    classes, queries, negatives = only.shape[1], int(case["num_queries"]), int(case["num_negatives"])
    draws = ContrastDraws(torch.zeros(classes, queries), torch.zeros(classes, queries, negatives))
    loss = contrastive_loss(torch.from_numpy(case["rep"]), pixels, bank, draws, settings_of(case))
    assert_close(loss, case["single_loss"], 0)


@pytest.mark.parametrize(("rule", "needs_label"), [("paper", False), ("compat", True)])
def test_keys_of_both_rules_are_the_recorded_ones(rule: str, needs_label: bool) -> None:
    case = load_case("stal", "contra_keys")
    mask = key_mask(view_of(case), rule_of(case, needs_label=needs_label))
    features = torch.from_numpy(case["rep_teacher"])
    if rule == "paper":
        assert_close(mask, case["paper_mask"], 0)
    bank = ClassMemoryBank([mask[0].numel()] * len(mask), features.shape[1])
    counts = push_keys(bank, features, mask)
    assert_close(counts, case[f"{rule}_keys_len"], 0)
    assert_close(contents(bank), case[f"{rule}_keys"], 0)


def test_the_memory_drops_its_oldest_vectors_as_recorded() -> None:
    case = load_case("stal", "contra_keys")
    pushes = torch.from_numpy(case["fifo_push"]).split(case["fifo_push_len"].tolist())
    states = torch.from_numpy(case["fifo_state"]).split(case["fifo_state_len"].tolist())
    bank = ClassMemoryBank([int(case["fifo_size"])], case["fifo_push"].shape[1])
    for push, state, fill in zip(pushes, states, case["fifo_ptr"].tolist(), strict=True):
        padded = torch.cat([push, push.new_zeros(1, push.shape[1])])
        bank.push(padded, torch.arange(len(padded))[None], torch.tensor([len(push)]))
        assert_close(bank.contents(0), state, 0)
        assert int(bank.lengths[0]) == fill
