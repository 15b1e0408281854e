from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from core.models.backbone import Backbone, Tap


class TwoLayers(Backbone):
    """x -> x − 1 -> ReLU -> 2x − 3 -> ReLU."""

    out_channels = 1

    def pre_activations(self, images: Tensor) -> Iterator[Tensor]:
        first = images - 1
        yield first
        yield 2 * first.relu() - 3


IMAGES = torch.tensor([0.0, 2.0, 4.0]).reshape(1, 1, 1, 3)


def test_features_are_the_last_layers_output_after_its_relu() -> None:
    assert TwoLayers()(IMAGES).flatten().tolist() == [0, 0, 3]


@pytest.mark.parametrize(
    ("tap", "expected"),
    [("pre", [[-1, 1, 3], [-3, -1, 3]]), ("post", [[0, 1, 3], [0, 0, 3]])],
)
def test_taps_are_the_sums_before_the_relu_or_after_it(tap: Tap, expected: list[list[float]]) -> None:
    features, taps = TwoLayers().forward_taps(IMAGES, tap)

    assert [map_.flatten().tolist() for map_ in taps] == expected
    assert features.flatten().tolist() == [0, 0, 3]
