"""A teacher that belongs to no method: the least that valuing a pool asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from core.acquisition.options import AcquisitionOptions
from core.acquisition.pool_values import Valuer, ValueRule

STRIDE = 4


class ToyTeacher(nn.Module):
    """One convolution as encoder, one with dropout as decoder; at 0.25 of the images' side."""

    def __init__(self, num_classes: int = 4, features: int = 32) -> None:
        super().__init__()
        self.num_classes = num_classes
        generator = torch.Generator().manual_seed(0)
        self.encoder = nn.Conv2d(3, 8, STRIDE, stride=STRIDE)
        self.decoder = nn.Sequential(nn.Dropout2d(0.5), nn.Conv2d(8, num_classes, 1))
        self.representation = nn.Conv2d(8, features, 1)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.5, generator=generator)
        self.eval().requires_grad_(False)
        self.represented = 0

    @property
    def device(self) -> torch.device:
        return self.encoder.weight.device

    def knows_nothing(self) -> ToyTeacher:
        """Give all classes the same logit."""
        for parameter in self.decoder.parameters():
            nn.init.zeros_(parameter)
        return self

    def encode(self, images: Tensor) -> Tensor:
        encoded: Tensor = self.encoder(images)
        return encoded

    def decode(self, encoded: Tensor) -> Tensor:
        logits: Tensor = self.decoder(encoded)
        return logits

    def represent(self, encoded: Tensor) -> Tensor:
        self.represented += 1
        features: Tensor = self.representation(encoded)
        return features.mean(dim=(2, 3))


def valuer_of(
    teacher: ToyTeacher, options: Mapping[str, Any], *, batch_size: int = 4, log19: bool = False, crop_px: int = 32
) -> Valuer:
    """Return what values images whose names end in two digits, the seed of their dropout passes."""
    rule = ValueRule(AcquisitionOptions.model_validate(options), crop_px, batch_size, log19)
    return Valuer(teacher, rule, lambda name: int(name[-2:]))
