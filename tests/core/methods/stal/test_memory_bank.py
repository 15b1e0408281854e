from __future__ import annotations

import pytest
import torch

from core.methods.stal.memory_bank import ClassMemoryBank


def vectors(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]


def push(bank: ClassMemoryBank, values: torch.Tensor, counts: list[int]) -> None:
    """Give class c the first counts[c] of the values."""
    index = torch.arange(len(values)).expand(len(counts), -1)
    bank.push(values, index, torch.tensor(counts))


def test_the_oldest_vectors_go_when_a_ring_is_full() -> None:
    bank = ClassMemoryBank([3, 2], dim=1)
    push(bank, vectors(1, 2), [2, 0])
    push(bank, vectors(3, 4), [2, 1])
    assert bank.contents(0)[:, 0].tolist() == [2, 3, 4]
    assert bank.contents(1)[:, 0].tolist() == [3]


def test_of_more_vectors_than_there_is_room_for_the_newest_stay() -> None:
    bank = ClassMemoryBank([2], dim=1)
    push(bank, vectors(1, 2, 3, 4, 5), [5])
    assert bank.contents(0)[:, 0].tolist() == [4, 5]
    push(bank, vectors(6), [1])
    assert bank.contents(0)[:, 0].tolist() == [5, 6]


def test_pushing_nothing_changes_nothing() -> None:
    bank = ClassMemoryBank([2], dim=1)
    push(bank, vectors(1), [1])
    push(bank, vectors(9, 9), [0])
    assert bank.contents(0)[:, 0].tolist() == [1]


def test_norms_are_kept_with_the_vectors() -> None:
    bank = ClassMemoryBank([2], dim=2)
    bank.push(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 1, dtype=torch.long), torch.tensor([1]))
    assert float(bank.inverse_norms[bank.rows(torch.tensor([0]), torch.tensor([[0]]))]) == pytest.approx(0.2)


def test_the_whole_bank_is_in_the_state() -> None:
    bank = ClassMemoryBank([3, 3], dim=1)
    push(bank, vectors(1, 2, 3, 4), [4, 2])
    copy = ClassMemoryBank([3, 3], dim=1)
    copy.load_state_dict(bank.state_dict())
    assert copy.contents(0).tolist() == bank.contents(0).tolist()


def test_a_class_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one vector"):
        ClassMemoryBank([3, 0], dim=1)


def test_half_precision_rounds_the_vectors_and_holds_what_is_too_large() -> None:
    bank = ClassMemoryBank([2], dim=2, dtype=torch.float16)

    bank.push(torch.tensor([[1e9, 0.0], [0.1, 0.0]]), torch.tensor([[0, 1]]), torch.tensor([2]))

    assert bank.contents(0)[:, 0].tolist() == [65504.0, pytest.approx(0.1, rel=1e-3)]
    assert bank.vectors.nbytes == 3 * 2 * 2
