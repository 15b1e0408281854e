from __future__ import annotations

import pytest
import torch

from core.models.deeplabv3plus_encoders import resnet50, resnet101, tiny


@pytest.mark.parametrize(("build", "entries"), [(resnet101, 720), (resnet50, 414)])
def test_published_networks_have_the_published_entries(build: type, entries: int) -> None:
    """17 blocks fewer in layer3: 17 x 18 entries less."""
    with torch.device("meta"):
        network = build(19, 0.1)

    assert len(network.state_dict()) == entries
    if entries == 720:
        assert sum(parameter.numel() for parameter in network.parameters()) == 66_824_422


def test_dropout_of_the_heads_is_that_which_is_asked_for() -> None:
    network = tiny(3, 0.3)

    assert {module.p for module in network.modules() if isinstance(module, torch.nn.Dropout2d)} == {0.3}


def test_small_twin_gives_logits_at_a_quarter_and_its_auxiliary_at_an_eighth() -> None:
    maps = tiny(3, 0.1).eval()(torch.zeros(1, 3, 32, 48))

    assert maps.logits.shape == (1, 3, 8, 12)
    assert maps.features.shape == (1, 32, 8, 12)
    assert maps.auxiliary.shape == (1, 3, 4, 6)
