from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from core.models.normalisation import make_leaky
from core.models.resnet import BasicBlock, layout
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


def test_leaky_norm_leaves_no_relu_and_dilates_whole_layers() -> None:
    with torch.device("meta"):
        plain, leaky = (deeplabv3_resnet50(16, 0.1, norm) for norm in ("bn", "leaky_bn"))

    parts = [module for part in (leaky.backbone, leaky.neck) for module in part.modules()]
    assert not [module for module in parts if isinstance(module, nn.ReLU)]
    assert {module.slope for module in parts if hasattr(module, "slope")} == {0.01}
    dilations = [[row[6] for row in layout(trunk.backbone) if row[0] == 4] for trunk in (plain, leaky)]
    assert dilations == [[1, 2, 2], [2, 2, 2]]


def test_leaky_block_is_batch_norm_and_leaky_relu_of_the_residual_sum() -> None:
    torch.manual_seed(0)
    block = BasicBlock(4, 4, 1, 1).eval()
    make_leaky(block)
    x = torch.randn(1, 4, 5, 5)

    inner = F.leaky_relu(block.bn1(block.conv1(x)), 0.01)
    expected = F.leaky_relu(block.bn2(block.conv2(inner)) + x, 0.01)

    torch.testing.assert_close(block(x), expected)


def test_leaky_tiny_ends_in_a_leaky_relu() -> None:
    torch.manual_seed(0)
    trunk = tiny(8, 0.0, "leaky_bn")
    images = torch.randn(1, 3, 16, 16)

    assert trunk.backbone(images).min() < 0
    assert tiny(8, 0.0).backbone(images).min() == 0
