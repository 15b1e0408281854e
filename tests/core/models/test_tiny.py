from __future__ import annotations

import torch

from core.models.parameters import parameter_count
from core.models.tiny import TinyEncoder


def test_encoder_has_the_parameters_of_eight_convolutions_and_batch_norms() -> None:
    # 9·(3·16 + 16² + 16·32 + 32² + 32·64 + 64² + 64·96 + 96²) + 2·2·(16 + 32 + 64 + 96)
    assert parameter_count(TinyEncoder()) == 210_096 + 832


def test_output_stride_is_eight_with_a_map_a_stage() -> None:
    encoder = TinyEncoder().eval()

    with torch.no_grad():
        features, maps = encoder(torch.zeros(1, 3, 64, 48)), [*encoder.pre_activations(torch.zeros(1, 3, 64, 48))]

    assert features.shape == (1, 96, 8, 6)
    assert [tuple(each.shape[1:]) for each in maps] == [(16, 32, 24), (32, 16, 12), (64, 8, 6), (96, 8, 6)]


def test_maps_hold_negative_values_and_features_none() -> None:
    torch.manual_seed(0)
    encoder, images = TinyEncoder().eval(), torch.randn(2, 3, 32, 32)

    features, maps = encoder(images), [*encoder.pre_activations(images)]

    assert all(each.min() < 0 for each in maps)
    assert torch.equal(features, maps[-1].clamp(min=0))
