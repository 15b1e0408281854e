from __future__ import annotations

import math

import torch
from torch import Tensor

from core.models.deeplabv2 import (
    ChannelWeights,
    DeepLabV2,
    DilatedResNet,
    EarlyBottleneck,
    HeadShape,
    PyramidHead,
    initialise_deeplabv2,
)
from core.models.deeplabv2_encoders import TinyStyles
from core.models.normalisation import batch_norms

SMALL = HeadShape(width=8, rates=(1, 2), squeeze=4, groups=2)


def small(num_heads: int = 3) -> DeepLabV2:
    return DeepLabV2(TinyStyles(), num_classes=5, num_heads=num_heads, shape=SMALL)


def test_the_first_convolution_has_the_stride_and_the_second_the_dilation() -> None:
    block = EarlyBottleneck(8, 2, stride=2, dilation=4)

    assert (block.conv1.stride, block.conv2.stride, block.conv2.dilation) == ((2, 2), (1, 1), (4, 4))
    assert block.downsample is not None
    assert block(torch.zeros(1, 8, 9, 9)).shape == (1, 8, 5, 5)


def test_every_block_of_a_layer_is_dilated_the_first_too() -> None:
    encoder = DilatedResNet((2, 1, 2, 2))

    found = [
        [block.conv2.dilation[0] for block in layer if isinstance(block, EarlyBottleneck)]
        for layer in (encoder.layer1, encoder.layer2, encoder.layer3, encoder.layer4)
        if isinstance(layer, torch.nn.Sequential)
    ]

    assert found == [[1, 1], [1], [2, 2], [4, 4]]
    assert {norm.momentum for norm in batch_norms(encoder)} == {0.1}


def test_styles_are_asked_for_behind_each_bottleneck_of_two_layers_and_go_on() -> None:
    encoder = DilatedResNet((2, 1, 1, 1)).eval()
    asked: list[tuple[int, int]] = []

    def nothing_left(place: int, features: Tensor) -> Tensor:
        asked.append((place, features.shape[1]))
        return torch.zeros_like(features) if place == 2 else features

    with torch.no_grad():
        stem, *layers = encoder.layer_maps(torch.rand(1, 3, 32, 32), nothing_left)
        from_zeros = encoder.get_submodule("layer3")(torch.zeros_like(layers[1]))

    assert asked == [(0, 256), (1, 256), (2, 512)]
    assert stem.abs().sum() > 0
    assert layers[1].abs().sum() == 0
    assert torch.equal(layers[2], from_zeros)


def test_the_twin_asks_for_styles_behind_two_stages() -> None:
    asked: list[int] = []

    def note(place: int, features: Tensor) -> Tensor:
        asked.append(place)
        return features

    features = TinyStyles()(torch.rand(1, 3, 32, 64), note)

    assert asked == [0, 1]
    assert features.shape == (1, 96, 4, 8)


def test_channel_weights_without_weights_halve_every_channel() -> None:
    weigh = ChannelWeights(channels=8, squeeze=4)
    for parameter in weigh.parameters():
        torch.nn.init.zeros_(parameter)
    features = torch.rand(2, 8, 3, 3)

    torch.testing.assert_close(weigh(features), features / 2)


def test_a_classifier_has_the_published_names() -> None:
    names = set(PyramidHead(4, 5, SMALL).state_dict())

    branches = {f"conv2d_list.{index}.{part}" for index in range(3) for part in (0, 1)}
    layers = {*branches, "bottleneck.0.se.0", "bottleneck.0.se.2", "bottleneck.1", "bottleneck.2"}
    assert names == {f"{layer}.{kind}" for layer in layers for kind in ("weight", "bias")} | {"head.1.weight"}


def test_the_published_network_has_the_published_number_of_entries() -> None:
    for num_heads, entries in ((2, 682), (3, 711), (4, 740)):
        with torch.device("meta"):
            network = DeepLabV2(DilatedResNet((3, 4, 23, 3)), 19, num_heads)
        assert len(network.state_dict()) == entries


def test_classifiers_are_asked_each_for_itself() -> None:
    network = small().eval()

    with torch.no_grad():
        features = network.features(torch.rand(2, 3, 16, 32))
        logits = [head(features) for head in network.heads]

    assert [one.shape for one in logits] == [(2, 5, 2, 4)] * 3
    assert not torch.equal(logits[0], logits[1])


def test_channels_are_dropped_in_training_alone() -> None:
    head = PyramidHead(4, 5, SMALL)
    features = torch.rand(1, 4, 4, 4)
    torch.manual_seed(0)

    head.train()
    assert not torch.equal(head(features), head(features))
    head.eval()
    assert torch.equal(head(features), head(features))


def test_initial_weights_follow_from_the_generator() -> None:
    first, second = small(), small()
    for network in (first, second):
        initialise_deeplabv2(network, torch.Generator().manual_seed(7))

    state = first.state_dict()
    assert all(torch.equal(state[name], value) for name, value in second.state_dict().items())
    convolutions = torch.cat([value.flatten() for value in state.values() if value.dim() == 4])
    assert math.isclose(float(convolutions.std()), 0.01, rel_tol=0.02)
    assert not state["layer5_list.0.bottleneck.1.bias"].any()
    assert state["layer5_list.0.conv2d_list.0.0.bias"].any()
    assert (state["layer5_list.0.bottleneck.2.weight"] == 1).all()
