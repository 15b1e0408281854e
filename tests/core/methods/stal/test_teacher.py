"""STAL's teacher, as acquisition functions see it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from core.acquisition.dropout_passes import dropout_on
from core.methods.stal.teacher import StalTeacher
from core.models.deeplabv3plus_encoders import tiny

IMAGES = torch.randn(1, 3, 32, 48, generator=torch.Generator().manual_seed(0))


def teacher() -> StalTeacher:
    torch.manual_seed(0)
    return StalTeacher(tiny(4, 0.5).eval())


def test_every_dropout_between_image_and_logits_is_on_during_the_passes() -> None:
    seen = teacher()
    network = seen.network
    on_the_way = [
        module
        for part in (network.decoder.head, network.decoder.classifier)
        for module in part.modules()
        if isinstance(module, nn.Dropout2d)
    ]

    with dropout_on(seen.decoder):
        assert len(on_the_way) == 3
        assert all(module.training for module in on_the_way)
    assert not any(module.training for module in on_the_way)


@torch.no_grad()
def test_dropping_after_the_join_equals_dropping_before_it() -> None:
    seen = teacher()
    decoder = seen.network.decoder
    encoded = seen.encode(IMAGES)
    maps = seen.network.encoder(IMAGES)

    with dropout_on(seen.decoder):
        torch.manual_seed(7)
        after = seen.decode(encoded)
        torch.manual_seed(7)
        low, high = decoder.low_conv(maps.low), decoder.head(decoder.aspp(maps.high))
        high = F.interpolate(high, low.shape[-2:], mode="bilinear", align_corners=True)
        before = decoder.classifier(torch.cat([low, high], dim=1))

    torch.testing.assert_close(after, before)


@torch.no_grad()
def test_without_dropout_the_logits_are_the_networks_own() -> None:
    seen = teacher()

    torch.testing.assert_close(seen.decode(seen.encode(IMAGES)), seen.network(IMAGES).logits)
