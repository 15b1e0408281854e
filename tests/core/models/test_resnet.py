from __future__ import annotations

import pytest
import torch
import torchvision

from core.models.resnet import BasicBlock, Bottleneck, OutputStride, ResNet, layout


@pytest.mark.parametrize("depth", [18, 50, 101])
def test_state_names_and_shapes_are_torchvisions_without_fc(depth: int) -> None:
    with torch.device("meta"):
        ours = ResNet(depth, 16).state_dict()
        theirs = getattr(torchvision.models, f"resnet{depth}")().state_dict()

    expected = {name: tensor.shape for name, tensor in theirs.items() if not name.startswith("fc.")}
    assert {name: tensor.shape for name, tensor in ours.items()} == expected


def test_features_equal_torchvisions_dilated_network() -> None:
    # torchvision dilates layer3 and layer4 by the same rule, so output stride 8 can be compared value by value.
    torch.manual_seed(0)
    theirs = torchvision.models.resnet50(replace_stride_with_dilation=[False, True, True]).eval()
    ours = ResNet(50, 8).eval()
    ours.load_state_dict({name: value for name, value in theirs.state_dict().items() if not name.startswith("fc.")})
    images = torch.randn(1, 3, 33, 47)

    with torch.no_grad():
        expected = torchvision.models._utils.IntermediateLayerGetter(theirs, {"layer4": "out"})(images)["out"]
        features = ours(images)

    assert torch.allclose(features, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("output_stride", "side"), [(16, 4), (8, 8)])
def test_feature_side_is_the_input_side_over_the_output_stride(output_stride: OutputStride, side: int) -> None:
    resnet = ResNet(18, output_stride).eval()

    with torch.no_grad():
        features, layers = resnet(torch.zeros(1, 3, 64, 64)), [*resnet.pre_activations(torch.zeros(1, 3, 64, 64))]

    assert features.shape == (1, 512, side, side)
    assert [layer.shape[1] for layer in layers] == [64, 128, 256, 512]
    assert [layer.shape[2] for layer in layers] == [16, 8, side, side]


def test_basic_blocks_keep_the_previous_dilation_in_a_layers_first_block() -> None:
    with torch.device("meta"):
        rows = layout(ResNet(18, 8))

    # Stride and dilation of the first 3x3 convolution of layer3 and layer4.
    assert [row[5:7] for row in rows if row[0] >= 3] == [(1, 1), (1, 2), (1, 2), (1, 4)]


@pytest.mark.parametrize("block_type", [BasicBlock, Bottleneck])
def test_tap_keeps_negative_sums_after_the_block_has_run(block_type: type[BasicBlock | Bottleneck]) -> None:
    torch.manual_seed(0)
    block = block_type(8, 4, stride=1, dilation=1).eval()
    x = torch.randn(1, 8, 5, 5)

    with torch.no_grad():
        tap = block.pre_activation(x)
        output = block(x)

    assert tap.min() < 0
    assert torch.equal(output, tap.clamp(min=0))
