from __future__ import annotations

import torch
from torch import nn

from core.models.normalisation import batch_norms, freeze_normalisation


def network() -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm2d(4))


def test_every_batch_norm_is_found() -> None:
    assert len(list(batch_norms(network()))) == 2


def test_frozen_network_keeps_its_statistics_and_gives_the_same_output_twice() -> None:
    torch.manual_seed(0)
    model = network().train()
    images = torch.randn(4, 3, 2, 2) + 5

    freeze_normalisation(model)
    first, second = model(images), model(images)

    assert torch.equal(first, second)
    assert model[1].running_mean.tolist() == [0, 0, 0, 0]


def test_only_affine_parameters_of_batch_norm_stop_learning() -> None:
    model = network()

    freeze_normalisation(model)

    learning = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert learning == ["0.weight", "0.bias"]
