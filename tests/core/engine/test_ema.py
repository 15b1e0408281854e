from __future__ import annotations

import pytest
import torch

from core.engine.ema import update_teacher


def test_teacher_moves_by_what_the_decay_leaves() -> None:
    teacher = [torch.tensor([1.0, 3.0])]

    update_teacher(teacher, [torch.tensor([2.0, 7.0])], 0.75)

    assert teacher[0].tolist() == [1.25, 4.0]


def test_decay_of_zero_copies_exactly() -> None:
    teacher, student = [torch.tensor([1e30])], [torch.tensor([0.1])]

    update_teacher(teacher, student, 0)

    assert torch.equal(teacher[0], student[0])


def test_counters_are_copied() -> None:
    teacher = [torch.tensor(4), torch.tensor([0.0])]

    update_teacher(teacher, [torch.tensor(9), torch.tensor([1.0])], 0.5)

    assert [value.tolist() for value in teacher] == [9, [0.5]]


def test_networks_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        update_teacher([torch.zeros(1)], [], 0.5)


@pytest.mark.parametrize("decay", [-0.1, 1.1])
def test_decay_outside_its_range_is_refused(decay: float) -> None:
    with pytest.raises(ValueError, match="expected a number in"):
        update_teacher([], [], decay)
