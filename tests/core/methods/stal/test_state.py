"""The state of a round's training is one module."""

from __future__ import annotations

from pathlib import Path

import torch

from core.methods.stal.training import build_state
from tests.support.rounds import round_context


def test_teacher_starts_as_the_student_and_asks_for_no_gradient(tmp_path: Path) -> None:
    state = build_state(round_context(tmp_path), 5, 4)

    student = dict(state.student.named_parameters())
    for name, parameter in state.teacher.named_parameters():
        assert torch.equal(parameter, student[name])
        assert not parameter.requires_grad
        assert student[name].requires_grad


def test_banks_begin_as_the_seed_says(tmp_path: Path) -> None:
    one, two = (build_state(round_context(tmp_path), 5, 4) for _ in range(2))

    assert torch.equal(one.confidence, two.confidence)
    assert ((one.confidence >= 0) & (one.confidence < 1)).all()
    assert one.presence.shape == (5, 4)
    assert one.memory.sizes.tolist() == [40] * 5


def test_without_the_contrastive_loss_no_memory_is_held(tmp_path: Path) -> None:
    state = build_state(round_context(tmp_path, contrast={"weight": 0}), 5, 4)

    assert state.memory.sizes.tolist() == [1] * 5


def test_all_banks_are_saved(tmp_path: Path) -> None:
    names = build_state(round_context(tmp_path), 5, 4).state_dict().keys()

    banks = {"confidence", "confidence_at_epoch", "presence", "presence_at_epoch", "prototypes"}
    assert banks | {"memory.vectors", "memory.lengths", "memory.heads"} <= names
