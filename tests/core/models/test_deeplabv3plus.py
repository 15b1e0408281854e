from __future__ import annotations

import pytest
import torch
from torch import nn

from core.models.deep_stem import EncoderMaps
from core.models.deeplabv3plus import DeepLabV3Plus, HeadShape, PooledPyramid


class Halves(nn.Module):
    """An encoder that only averages."""

    low_channels, middle_channels, high_channels = 3, 3, 3

    def forward(self, images: torch.Tensor) -> EncoderMaps:
        low, high = (nn.functional.avg_pool2d(images, stride) for stride in (4, 8))
        return EncoderMaps(low, high, high)


def network(classes: int = 5) -> DeepLabV3Plus:
    torch.manual_seed(0)
    return DeepLabV3Plus(Halves(), classes, HeadShape(width=8, feature_dim=6, rates=(1, 2, 3)))


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("is_training", [True, False])
def test_maps_are_at_a_quarter_and_an_eighth_of_the_size(batch: int, is_training: bool) -> None:
    maps = network().train(is_training)(torch.rand(batch, 3, 32, 48))

    assert maps.logits.shape == (batch, 5, 8, 12)
    assert maps.features.shape == (batch, 6, 8, 12)
    assert maps.auxiliary.shape == (batch, 5, 4, 6)


def test_logits_for_tests_have_the_size_of_the_images() -> None:
    assert network().eval().logits(torch.rand(1, 3, 32, 48)).shape == (1, 5, 32, 48)


def test_one_image_alone_is_normalised_by_what_was_seen_before() -> None:
    branch = PooledPyramid(3, 4, (1, 2, 3)).conv1
    one = torch.rand(1, 3, 5, 5)

    trained, tested = branch.train()(one), branch.eval()(one)

    assert torch.equal(trained, tested)
    assert trained.abs().sum() > 0
    assert branch[2].num_batches_tracked == 0


def test_pooled_branch_comes_first() -> None:
    pyramid = PooledPyramid(3, 4, (1, 2, 3)).eval()

    features = pyramid(torch.rand(2, 3, 6, 7))

    assert features.shape == (2, 20, 6, 7)
    pooled = features[:, :4]
    assert torch.equal(pooled, pooled[:, :, :1, :1].expand_as(pooled))


def test_decoder_has_the_published_parameters() -> None:
    class Sizes(nn.Module):
        low_channels, middle_channels, high_channels = 256, 1024, 2048

    with torch.device("meta"):
        parts = DeepLabV3Plus(Sizes(), 19)

    def count(module: nn.Module) -> int:
        return sum(parameter.numel() for parameter in module.parameters())

    decoder = parts.decoder
    assert [count(part) for part in (decoder.low_conv, decoder.aspp, decoder.head)] == [66_304, 15_206_912, 2_949_632]
    assert [count(part) for part in (decoder.classifier, decoder.representation)] == [1_775_891, 1_836_800]
    assert count(parts.auxor) == 2_364_947
