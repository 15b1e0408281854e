from __future__ import annotations

import torch
from torch import nn

from core.models.trunks import deeplabv3_resnet18, deeplabv3_resnet50, tiny


def test_settings_reach_the_network() -> None:
    with torch.device("meta"):
        trunk = deeplabv3_resnet50(8, 0.25)

    rates = [branch[0].dilation[0] for branch in list(trunk.neck.convs)[1:4]]
    dropouts = [module.p for module in trunk.neck.modules() if isinstance(module, nn.Dropout)]
    assert (rates, dropouts, trunk.out_channels) == ([12, 24, 36], [0.25], 256)


def test_tiny_has_neither_pooling_nor_dropout() -> None:
    with torch.device("meta"):
        trunk = tiny(16, 0.5)

    assert isinstance(trunk.neck, nn.Identity)
    assert trunk.out_channels == 96
    assert not [module for module in trunk.backbone.modules() if isinstance(module, nn.Dropout)]


def test_bottleneck_networks_and_tiny_work_in_channels_last_and_resnet18_does_not() -> None:
    with torch.device("meta"):
        formats = [build(16, 0.1).backbone.memory_format for build in (tiny, deeplabv3_resnet50, deeplabv3_resnet18)]

    assert formats == [torch.channels_last, torch.channels_last, torch.contiguous_format]
