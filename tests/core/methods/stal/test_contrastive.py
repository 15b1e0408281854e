from __future__ import annotations

import math

import pytest
import torch

from core.methods.stal.contrastive import (
    ContrastDraws,
    ContrastSettings,
    KeyRule,
    PixelView,
    class_ranks,
    contrastive_loss,
    gather_classes,
    key_mask,
    push_keys,
    used_classes,
)
from core.methods.stal.memory_bank import ClassMemoryBank
from tests.support.host_reads import HostReads


def view(labels: list[int], probs: list[list[float]], num_labelled: int = 1) -> PixelView:
    """One row of pixels of one labelled image, or of one unlabelled one."""
    classes = len(probs[0])
    onehot = torch.zeros(1, classes, 1, len(labels))
    for column, label in enumerate(labels):
        if label != 255:
            onehot[0, label, 0, column] = 1
    mask = torch.tensor([float(label != 255) for label in labels]).reshape(1, 1, 1, -1)
    return PixelView(onehot, torch.tensor(probs).T.reshape(1, classes, 1, -1), mask, mask, num_labelled)


def test_equal_probabilities_rank_by_class() -> None:
    assert class_ranks(torch.tensor([0.2, 0.6, 0.2]).reshape(1, 3, 1, 1)).flatten().tolist() == [1, 0, 2]


def test_keys_of_labelled_images_are_near_misses() -> None:
    mask = key_mask(view([0, 255], [[0.5, 0.4, 0.1], [0.5, 0.4, 0.1]]), KeyRule(low_rank=2, high_rank=3))
    # Class 0 is the pixel's own, class 2 no plausible confusion; the other pixel has no label.
    assert mask[:, 0, 0].tolist() == [[False, False], [True, False], [False, False]]


def test_keys_of_unlabelled_images_are_the_middle_ranks() -> None:
    mask = key_mask(view([0], [[0.5, 0.3, 0.2]], num_labelled=0), KeyRule(low_rank=1, high_rank=2))
    assert mask[:, 0, 0, 0].tolist() == [False, True, False]


def test_a_class_gives_no_more_keys_than_allowed() -> None:
    bank = ClassMemoryBank([10, 10], dim=1)
    features = torch.arange(6.0).reshape(1, 1, 1, 6)
    mask = torch.stack([torch.ones(1, 1, 6, dtype=torch.bool), torch.zeros(1, 1, 6, dtype=torch.bool)])
    torch.manual_seed(0)
    assert push_keys(bank, features, mask, max_push=4).tolist() == [4, 0]
    kept = bank.contents(0)[:, 0].tolist()
    assert kept == sorted(kept)
    assert len(set(kept)) == 4


def two_classes() -> tuple[PixelView, torch.Tensor, ClassMemoryBank]:
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).T.reshape(1, 2, 1, 2)
    bank = ClassMemoryBank([4, 4], dim=2)
    bank.push(torch.tensor([[0.0, 2.0], [3.0, 0.0]]), torch.tensor([[0], [1]]), torch.tensor([1, 1]))
    return view([0, 1], [[0.9, 0.1], [0.1, 0.9]]), features, bank


def test_the_loss_of_two_opposite_classes_is_that_of_one_negative() -> None:
    seen, features, bank = two_classes()
    settings = ContrastSettings(temperature=0.5)
    pixels = gather_classes(seen, features, settings)
    draws = ContrastDraws(torch.zeros(2, 1), torch.zeros(2, 1, 1))
    # Cosine 1 to the positive and 0 to the negative: ln(e^2 + e^0) - 2.
    assert float(contrastive_loss(features, pixels, bank, draws, settings)) == pytest.approx(math.log(1 + math.exp(-2)))


def test_a_class_with_an_empty_memory_adds_nothing_but_is_counted() -> None:
    seen, features, _ = two_classes()
    settings = ContrastSettings(temperature=0.5)
    pixels = gather_classes(seen, features, settings)
    bank = ClassMemoryBank([4, 4], dim=2)
    bank.push(torch.tensor([[0.0, 2.0]]), torch.zeros(2, 1, dtype=torch.long), torch.tensor([1, 0]))
    draws = ContrastDraws(torch.zeros(2, 1), torch.zeros(2, 1, 1))
    assert used_classes(pixels, bank, settings).tolist() == [True, False]
    expected = math.log(1 + math.exp(-2)) / 2
    assert float(contrastive_loss(features, pixels, bank, draws, settings)) == pytest.approx(expected)


def test_without_any_label_the_loss_is_zero_and_the_gradient_finite() -> None:
    _, features, bank = two_classes()
    blank = view([255, 255], [[0.9, 0.1], [0.1, 0.9]])
    settings = ContrastSettings()
    student = features.clone().requires_grad_()
    pixels = gather_classes(blank, features, settings)
    loss = contrastive_loss(student, pixels, bank, ContrastDraws(torch.rand(2, 3), torch.rand(2, 3, 2)), settings)
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == 0
    assert student.grad is not None
    assert torch.isfinite(student.grad).all()


def random_maps() -> tuple[PixelView, torch.Tensor]:
    """Maps of 3 classes and features of 8 channels: one labelled and one unlabelled image of 4 x 4."""
    generator = torch.Generator().manual_seed(0)
    probs = torch.randn(2, 3, 4, 4, generator=generator).softmax(dim=1)
    onehot = torch.nn.functional.one_hot(probs.argmax(dim=1), 3).movedim(-1, 1)
    seen = PixelView(onehot, probs, torch.ones(2, 1, 4, 4), torch.ones(2, 1, 4, 4), num_labelled=1)
    return seen, torch.randn(2, 8, 4, 4, generator=generator)


def one_iteration(bank: ClassMemoryBank, seen: PixelView, features: torch.Tensor) -> torch.Tensor:
    """Push keys and return the loss."""
    settings = ContrastSettings()
    torch.manual_seed(0)
    push_keys(bank, features, key_mask(seen, KeyRule(low_rank=2, high_rank=3)), max_push=6)
    draws = ContrastDraws.uniform(3, 5, 4, torch.device("cpu"))
    return contrastive_loss(features, gather_classes(seen, features, settings), bank, draws, settings)


def test_an_iteration_reads_nothing_on_the_host_and_copies_no_memory() -> None:
    bank, maps = ClassMemoryBank([1000, 600, 600], dim=8), random_maps()
    with HostReads() as reads:
        one_iteration(bank, *maps)

    assert reads.found == []
    # The largest is what is compared: 3 classes, 5 anchors, 4 negatives of 8 floats of 4 bytes.
    assert reads.largest_bytes == 3 * 5 * 4 * 8 * 4 < bank.vectors.nbytes // 30


def test_memory_in_half_precision_gives_nearly_the_same_loss() -> None:
    single, half = (
        one_iteration(ClassMemoryBank([9, 9, 9], 8, dtype), *random_maps()) for dtype in (torch.float32, torch.float16)
    )

    assert float(half) == pytest.approx(float(single), rel=1e-3)
    assert float(half) != float(single)
