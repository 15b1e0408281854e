from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import ConfigError
from core.methods.class_incremental.config import ModelConfig
from core.methods.coast.config import NetworkOptions as CoastNetworkOptions
from core.methods.stal.config import NetworkOptions
from core.models.catalog import MODELS, Architecture, model_builder, models_of
from core.models.deeplabv2 import DeepLabV2
from core.models.deeplabv3plus import DeepLabV3Plus
from core.models.trunks import Trunk


@pytest.mark.parametrize("name", models_of(Architecture.TRUNK))
def test_every_trunk_is_built_from_stride_and_dropout(name: str) -> None:
    with torch.device("meta"):
        trunk = model_builder(name, Architecture.TRUNK)(16, 0.1)

    assert isinstance(trunk, Trunk)
    assert isinstance(trunk.neck, nn.Module)


@pytest.mark.parametrize("name", models_of(Architecture.DEEPLABV3PLUS))
def test_every_deeplabv3plus_is_built_from_classes_and_dropout(name: str) -> None:
    with torch.device("meta"):
        network = model_builder(name, Architecture.DEEPLABV3PLUS)(7, 0.1)

    assert isinstance(network, DeepLabV3Plus)
    assert network.num_classes == 7


@pytest.mark.parametrize("name", models_of(Architecture.DEEPLABV2))
def test_every_deeplabv2_is_built_from_classes_classifiers_and_dropout(name: str) -> None:
    with torch.device("meta"):
        network = model_builder(name, Architecture.DEEPLABV2)(7, 3, 0.1)

    assert isinstance(network, DeepLabV2)
    assert len(network.heads) == 3


def test_configs_offer_every_network_of_their_architecture() -> None:
    offered = {
        Architecture.TRUNK: ModelConfig.model_json_schema()["properties"]["name"]["enum"],
        Architecture.DEEPLABV3PLUS: NetworkOptions.model_json_schema()["properties"]["name"]["enum"],
        Architecture.DEEPLABV2: CoastNetworkOptions.model_json_schema()["properties"]["name"]["enum"],
    }

    assert {architecture: set(models_of(architecture)) for architecture in Architecture} == {
        architecture: set(names) for architecture, names in offered.items()
    }
    assert all(entry.builders for entry in MODELS.values())


def test_unknown_name_is_refused_with_the_nearest_of_the_architecture() -> None:
    with pytest.raises(ConfigError, match="did you mean 'deeplabv3_resnet18'") as caught:
        model_builder("deeplabv3_resnet19", Architecture.TRUNK)

    assert caught.value.pointer == "/model/name"
    with pytest.raises(ConfigError, match="did you mean 'deeplabv3plus_resnet50'"):
        model_builder("deeplabv3_resnet50", Architecture.DEEPLABV3PLUS)
