from __future__ import annotations

from unittest import mock

import pytest
import torch

from core.methods.coast.losses import TargetLossOptions
from core.methods.coast.networks import build_network, network_optimizer
from core.methods.coast.options import NetworkOptions, OptimOptions
from core.methods.coast.self_training import SelfTraining, SourceViews, TargetViews
from core.methods.coast.style_memory import StyleBank
from core.models.deeplabv2_encoders import TinyStyles

CLASSES = 3


def training(num_targets: int = 2, **options: bool) -> SelfTraining:
    network = build_network(
        NetworkOptions(name="tiny", dropout=0), CLASSES, num_targets + 1, torch.Generator().manual_seed(1)
    )
    rates = {"encoder": 0.05, "heads": 0.05, "agnostic": 0.1}
    bank = StyleBank(num_targets, network.encoder.num_places)
    optimizer = network_optimizer(network, rates, OptimOptions())
    return SelfTraining(network, optimizer, bank, TargetLossOptions(**options))


def views(num_targets: int = 2, label: int = 1, source_label: int = 2) -> tuple[SourceViews, list[TargetViews]]:
    generator = torch.Generator().manual_seed(2)
    images = [torch.rand(2, 3, 32, 32, generator=generator) for _ in range(1 + num_targets)]
    source = SourceViews(images[0], torch.full((2, 32, 32), source_label))
    return source, [TargetViews(one, torch.full((2, 8, 8), label)) for one in images[1:]]


@pytest.mark.parametrize(("num_targets", "passes"), [(2, 5), (3, 10)])
def test_an_iteration_takes_no_more_passes_than_the_algorithm_needs(num_targets: int, passes: int) -> None:
    trained = training(num_targets)

    with mock.patch.object(TinyStyles, "forward", autospec=True, side_effect=TinyStyles.forward) as forward:
        losses = trained.update(*views(num_targets))

    assert forward.call_count == passes == 1 + num_targets + num_targets * (num_targets - 1)
    assert len(losses.targets) == len(losses.terms) == num_targets
    assert all(style is not None for style in trained.bank.images.styles)


def test_every_classifier_learns() -> None:
    trained = training()
    before = [head.head[1].weight.detach().clone() for head in trained.network.heads]

    trained.update(*views())

    for old, head in zip(before, trained.network.heads, strict=True):
        assert not torch.equal(old, head.head[1].weight)


def test_without_a_pseudo_label_or_a_label_the_update_is_finite() -> None:
    trained = training()

    losses = trained.update(*views(label=255, source_label=255))

    assert losses.source.item() == 0
    assert [terms.pseudo_label.item() for terms in losses.terms] == [0, 0]
    assert [terms.consistency.item() for terms in losses.terms] == [0, 0]
    assert all(bool(torch.isfinite(parameter).all()) for parameter in trained.network.parameters())


def test_agreement_is_one_where_nothing_is_rectified() -> None:
    source, targets = views()

    assert training(is_rectified=False).update(source, targets).terms[0].agreement.item() == 1
    assert training().update(source, targets).terms[0].agreement.item() < 1


def test_styles_come_back_from_a_checkpoint_to_the_last_bit() -> None:
    through, other = training(), training()
    source, targets = views()
    for trained in (through, other):
        trained.update(source, targets)
    restored = StyleBank(2, other.network.encoder.num_places)

    restored.restore(other.bank.state())
    resumed = SelfTraining(other.network, other.optimizer, restored, other.options)

    assert resumed.update(source, targets).targets == through.update(source, targets).targets
