from __future__ import annotations

from dataclasses import replace
from unittest import mock

import pytest
import torch
from torch import Tensor, nn

from core.methods.coast.adversarial import AdversarialLoss
from core.methods.coast.warm_up import WarmUp, WarmUpBatch
from core.models.discriminator import Discriminator


class Network(nn.Module):
    """One convolution, and a classifier of two classes for each target."""

    def __init__(self, num_targets: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.heads = nn.ModuleList(nn.Conv2d(4, 2, 1) for _ in range(num_targets))

    def features(self, images: Tensor) -> Tensor:
        features: Tensor = self.conv(images)
        return features


def warm_up(num_targets: int = 2, weight: float = 0.1) -> WarmUp:
    torch.manual_seed(3)
    network = Network(num_targets)
    discriminators = nn.ModuleList(Discriminator(2, width=2) for _ in range(num_targets))
    sgd, adam = torch.optim.SGD(network.parameters(), lr=0.1), torch.optim.Adam(discriminators.parameters(), lr=0.01)
    return WarmUp(network, discriminators, sgd, adam, weight=weight)


def batch(num_targets: int = 2, label: int = 1) -> WarmUpBatch:
    generator = torch.Generator().manual_seed(1)
    images, *targets = (torch.rand(2, 3, 8, 8, generator=generator) for _ in range(1 + num_targets))
    return WarmUpBatch(images, torch.full((2, 8, 8), label), targets)


def state(module: object) -> Tensor:
    assert isinstance(module, nn.Module)
    return nn.utils.parameters_to_vector(module.parameters()).detach().clone()


def test_both_sides_are_trained_and_every_target_is_told() -> None:
    trained = warm_up()
    before = [state(part) for part in (trained.network, *trained.discriminators)]

    losses = trained.update(batch())

    after = [state(part) for part in (trained.network, *trained.discriminators)]
    assert [bool((old != new).any()) for old, new in zip(before, after, strict=True)] == [True, True, True]
    assert len(losses.alignment) == len(losses.discriminator) == 2
    assert not losses.source.requires_grad


def test_without_weight_the_targets_do_not_move_the_network() -> None:
    given, other = warm_up(weight=0.0), warm_up(weight=0.0)
    images = batch()

    given.update(images)
    other.update(images._replace(targets=[torch.zeros_like(one) for one in images.targets]))

    assert torch.equal(state(given.network), state(other.network))


def test_discriminators_learn_from_their_own_loss_alone() -> None:
    light, heavy = warm_up(weight=0.1), warm_up(weight=100.0)

    light.update(batch())
    heavy.update(batch())

    assert torch.equal(state(light.discriminators), state(heavy.discriminators))
    assert all(parameter.requires_grad for parameter in light.discriminators.parameters())


def test_a_source_crop_without_a_label_leaves_the_losses_finite() -> None:
    trained = warm_up()

    losses = trained.update(batch(label=255))

    assert losses.source.item() == 0
    assert torch.isfinite(state(trained.network)).all()


@pytest.mark.parametrize("kind", ["vanilla", "ls"])
def test_one_pass_for_all_domains_gives_what_one_pass_each_gives(kind: AdversarialLoss) -> None:
    apart, together = (replace(warm_up(), kind=kind, shares_pass=shares) for shares in (False, True))
    images = batch()

    found = [each.update(images) for each in (apart, together)]

    assert torch.allclose(state(apart.network), state(together.network), atol=1e-6)
    assert torch.allclose(state(apart.discriminators), state(together.discriminators), atol=1e-6)
    assert torch.allclose(torch.stack(found[0].alignment), torch.stack(found[1].alignment))


def test_domains_share_one_pass_where_their_images_have_one_size() -> None:
    passes = []
    for shares, targets in ((True, batch().targets), (False, batch().targets), (True, [torch.zeros(2, 3, 8, 16)] * 2)):
        trained = replace(warm_up(), shares_pass=shares)
        with mock.patch.object(Network, "features", autospec=True, side_effect=Network.features) as features:
            trained.update(batch()._replace(targets=targets))
        passes.append(features.call_count)

    assert passes == [1, 3, 3]
