from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from core.acquisition.dropout_passes import DropoutSums, bald_map, dropout_on, mc_entropy_map, run_dropout_passes

CERTAIN = torch.tensor([[[[200.0]], [[0.0]]]])
OPPOSITE = torch.tensor([[[[0.0]], [[200.0]]]])


def make_decoder() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(4, 6, 1), nn.BatchNorm2d(6), nn.Dropout2d(0.5), nn.Conv2d(6, 3, 1)).eval()


def test_certain_passes_that_disagree_are_worth_ln_2() -> None:
    # The mean of (1, 0) and (0, 1) is (½, ½), entropy ln 2; each pass has entropy 0.
    sums = DropoutSums.of(CERTAIN).plus(OPPOSITE)

    assert mc_entropy_map(sums).item() == pytest.approx(math.log(2))
    assert bald_map(sums).item() == pytest.approx(math.log(2))


def test_identical_uncertain_passes_tell_nothing_new() -> None:
    sums = DropoutSums.of(torch.zeros(1, 2, 1, 1)).plus(torch.zeros(1, 2, 1, 1))

    assert mc_entropy_map(sums).item() == pytest.approx(math.log(2))
    assert bald_map(sums).item() == 0


def test_mutual_information_is_never_negative() -> None:
    logits = torch.randn(1, 5, 8, 8, generator=torch.Generator().manual_seed(0))
    sums = DropoutSums.of(logits).plus(logits).plus(logits)

    assert (bald_map(sums) >= 0).all()


def test_passes_are_decided_by_their_seed_and_leave_the_global_generator_alone() -> None:
    decoder, features = make_decoder(), torch.randn(1, 4, 3, 3, generator=torch.Generator().manual_seed(1))
    torch.manual_seed(7)
    expected_next = torch.rand(1)
    torch.manual_seed(7)

    first = run_dropout_passes(decoder, lambda: decoder(features), passes=4, seed=5)
    drawn_next = torch.rand(1)
    again = run_dropout_passes(decoder, lambda: decoder(features), passes=4, seed=5)
    other = run_dropout_passes(decoder, lambda: decoder(features), passes=4, seed=6)

    assert first.shape == (4, 3, 3, 3)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(drawn_next, expected_next)
    assert bald_map(DropoutSums.of_image(first)).max() > 0


def test_all_passes_at_once_are_summed_as_one_by_one() -> None:
    passes = 3 * torch.randn(4, 5, 6, 7, generator=torch.Generator().manual_seed(0))
    one_by_one = DropoutSums.of(passes[:1])
    for each in passes[1:]:
        one_by_one = one_by_one.plus(each[None])

    together = DropoutSums.of_image(passes)

    assert together.passes == one_by_one.passes == 4
    torch.testing.assert_close(together.probs, one_by_one.probs)
    torch.testing.assert_close(together.entropies, one_by_one.entropies)


def test_only_dropout_is_on_and_every_mode_is_restored() -> None:
    decoder = make_decoder()
    decoder[1].train()
    before = decoder[1].running_mean.clone()

    with dropout_on(decoder):
        assert [layer.training for layer in decoder] == [False, False, True, False]
        decoder(torch.ones(1, 4, 2, 2))

    assert [layer.training for layer in decoder] == [False, True, False, False]
    assert torch.equal(decoder[1].running_mean, before)


def test_no_pass_is_refused() -> None:
    with pytest.raises(ValueError, match="0 dropout passes"):
        run_dropout_passes(nn.Identity(), lambda: CERTAIN, passes=0, seed=0)
