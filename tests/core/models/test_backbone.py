from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from core.models.backbone import Backbone


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
