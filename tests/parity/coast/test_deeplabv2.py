"""The network with the recorded weights, its sizes, and how large it is (CoaST 3.2 and 3.3)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.catalog import Architecture, model_builder
from core.models.deeplabv2 import DeepLabV2, DilatedResNet, PyramidHead
from core.models.normalisation import freeze_normalisation
from core.models.parameters import parameter_count
from tests.support.hashed_weights import load_hashed_weights
from tests.support.parity import assert_close, load_case

TOLERANCE = 1e-4
GROUPS = ("heads2_n7", "heads2_n19", "heads3_n7", "heads3_n19", "heads4_n7", "heads4_n19")


def test_a_classifier_gives_the_recorded_maps() -> None:
    case = load_case("coast", "aspp_head")
    head = PyramidHead(case["x"].shape[1], case["logits"].shape[1])
    load_hashed_weights(head, case["salt"])
    features = torch.from_numpy(case["x"])

    with torch.no_grad():
        embedded, logits = head.embed(features), head(features)

    assert_close(embedded[:, : case["feat_first4"].shape[1]], case["feat_first4"], TOLERANCE)
    assert_close(logits, case["logits"], TOLERANCE)


def test_the_network_gives_the_recorded_maps() -> None:
    case = load_case("coast", "deeplab_small")
    num_heads = sum(name.startswith("logits") for name in case)
    encoder = DilatedResNet((1, 1, 1, 1))
    network = DeepLabV2(encoder, case["logits0"].shape[1], num_heads)
    load_hashed_weights(network, case["salt"], prefix="encoder.")

    with torch.no_grad():
        maps = encoder.layer_maps(torch.from_numpy(case["x"]))
        logits = [head(maps[-1]) for head in network.heads]

    for name, found in zip(("stem", "layer1", "layer2", "layer3", "layer4"), maps, strict=True):
        assert_close(found.mean(dim=1), case[f"{name}_mean"], TOLERANCE)
    for index, found in enumerate(logits):
        assert_close(found, case[f"logits{index}"], TOLERANCE)


def test_logits_have_the_recorded_sizes() -> None:
    with torch.device("meta"):
        encoder = DilatedResNet((1, 1, 1, 1))
        for height, width, *expected in load_case("coast", "deeplab_small")["sizes"].tolist():
            assert list(encoder(torch.empty(1, 3, height, width)).shape[-2:]) == expected


@pytest.mark.parametrize("name", GROUPS)
def test_the_published_network_has_the_recorded_parameters(name: str) -> None:
    recorded = load_case("coast", "param_groups")[name].tolist()
    num_heads, num_classes = (int(part.lstrip("headsn")) for part in name.split("_"))
    with torch.device("meta"):
        network = model_builder("deeplabv2_resnet101", Architecture.DEEPLABV2)(num_classes, num_heads, 0.1)
    groups = [network.encoder, network.heads, [network.encoder, *network.heads[:-1]], network.heads[-1]]
    tensors = [
        [tensor for part in (group if isinstance(group, list) else [group]) for tensor in part.parameters()]
        for group in groups
    ]

    found = [parameter_count(network), trainable(network)]
    freeze_normalisation(network)
    found.append(trainable(network))
    distinct = [(len(group), sum(tensor.numel() for tensor in group)) for group in tensors]

    assert found == recorded[:3]
    # Every third number counts list entries, in which the published code repeats tensors.
    np.testing.assert_array_equal(distinct, np.reshape(recorded[3:], (-1, 3))[:, 1:])


def trainable(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
