from __future__ import annotations

import torch

from core.methods.coast.style_memory import StyleBank, StyleMemory, StylePass, stylise
from core.models.feature_style import Style, style_of


def maps(seed: int, images: int = 2, channels: int = 3) -> torch.Tensor:
    return torch.randn(images, channels, 4, 5, generator=torch.Generator().manual_seed(seed))


def test_features_get_the_mean_and_the_deviation_of_the_style() -> None:
    style = Style(torch.full((2, 3, 1, 1), 5.0), torch.full((2, 3, 1, 1), 2.0))

    found = style_of(stylise(maps(0), style))

    torch.testing.assert_close(found.mean, style.mean)
    torch.testing.assert_close(found.deviation, style.deviation, rtol=1e-4, atol=0)


def test_a_short_batch_of_styles_is_used_again_from_its_start() -> None:
    style = style_of(maps(1, images=2))
    features = maps(0, images=3)

    found = stylise(features, style)

    torch.testing.assert_close(found[2:], stylise(features[2:], Style(*(part[:1] for part in style))))


def test_gradients_flow_through_the_own_style_and_not_into_the_memory() -> None:
    memory = StyleMemory(2)
    taught = maps(0, channels=1).double().requires_grad_()
    memory.record(1, taught)
    features = maps(1, channels=1).double().requires_grad_()

    assert torch.autograd.gradcheck(lambda x: memory.stylise(x, 1), features)
    memory.stylise(features, 1).square().sum().backward()
    assert taught.grad is None


def recorded(bank: StyleBank) -> list[StylePass]:
    """Return the passes of an iteration of two targets: source, then plain and stylised of each."""
    passes = [bank.other_pass()]
    for domain, other in ((0, 1), (1, 0)):
        passes += [bank.plain_pass(domain), bank.stylised_pass(other)]
    return passes


def test_clean_passes_record_each_target_once() -> None:
    bank = StyleBank(2, 1)

    for _ in range(2):
        assert [one.recorded for one in recorded(bank)] == [None, 0, None, 1, None]


def test_reference_passes_never_stop_to_record() -> None:
    bank = StyleBank(2, 1, "reference")

    assert [one.recorded for one in recorded(bank)] == [None, 0, 0, 1, 1]
    assert [one.recorded for one in recorded(bank)] == [1, 0, 0, 1, 1]


def test_a_stylised_pass_records_what_the_block_gave_before_its_style() -> None:
    memories = [StyleMemory(2)]
    memories[0].record(1, maps(5) * 3)
    features = maps(6)

    changed = StylePass(memories, recorded=0, style=1).through(0, features)

    torch.testing.assert_close(memories[0].styles[0], style_of(features))
    torch.testing.assert_close(style_of(changed).mean, style_of(maps(5) * 3).mean)


def test_a_pass_without_style_changes_nothing() -> None:
    features = maps(0)

    assert StyleBank(2, 1).plain_pass(0).through(0, features) is features
