from __future__ import annotations

import pytest
import torch
from torch import nn

from core.models.deep_stem import DeepStemResNet
from core.models.resnet import Bottleneck

BLOCKS = (1, 1, 2, 3)


@pytest.mark.parametrize(("side", "low", "high"), [(33, 9, 5), (64, 17, 9), (769, 193, 97)])
def test_maps_have_strides_four_and_eight_rounded_up(side: int, low: int, high: int) -> None:
    """The pooling rounds up: 64 becomes 32, and 17 of that."""
    with torch.device("meta"):
        network = DeepStemResNet(BLOCKS)
        maps = network.layer_maps(torch.zeros(1, 3, side, side))

    assert [tuple(one.shape) for one in maps] == [
        (1, 256, low, low), (1, 512, high, high), (1, 1024, high, high), (1, 2048, high, high),
    ]  # fmt: skip


def test_last_layers_are_dilated_as_published() -> None:
    with torch.device("meta"):
        network = DeepStemResNet(BLOCKS)

    dilations = {
        name: [block.conv2.dilation[0] for block in network.get_submodule(name) if isinstance(block, Bottleneck)]
        for name in ("layer1", "layer2", "layer3", "layer4")
    }
    assert dilations == {"layer1": [1], "layer2": [1], "layer3": [1, 2], "layer4": [4, 8, 16]}


def test_encoder_of_101_layers_has_the_published_parameters() -> None:
    with torch.device("meta"):
        network = DeepStemResNet((3, 4, 23, 3))

    assert sum(parameter.numel() for parameter in network.parameters()) == 42_623_936
    assert all(conv.bias is None for conv in network.modules() if isinstance(conv, nn.Conv2d))
