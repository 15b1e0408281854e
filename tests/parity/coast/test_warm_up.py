"""Two whole iterations of the warm-up on a small network (CoaST 4.1)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.methods.coast.adversarial import AdversarialLoss
from core.methods.coast.warm_up import WarmUp, WarmUpBatch
from core.models.discriminator import Discriminator
from tests.support.parity import assert_close, load_case

Case = dict[str, np.ndarray]
IGNORED = 250


class SmallNetwork(nn.Module):
    """The recorded one: a convolution of stride 2, and a 1x1 classifier for every target."""

    def __init__(self, num_targets: int, num_classes: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.conv = nn.Conv2d(*widths, 3, stride=2, padding=1)
        self.heads = nn.ModuleList(nn.Conv2d(widths[1], num_classes, 1) for _ in range(num_targets))

    def features(self, images: Tensor) -> Tensor:
        return F.relu(self.conv(images))


@pytest.mark.parametrize("kind", ["vanilla", "ls"])
def test_two_iterations_end_where_the_recording_does(kind: AdversarialLoss) -> None:
    case = load_case("coast", f"warmup_{kind}")
    num_targets, num_classes = (int(value) for value in case["hyper"][:2])
    out_channels, in_channels = case["net0.conv.weight"].shape[:2]
    network = SmallNetwork(num_targets, num_classes, (in_channels, out_channels))
    width = len(case["D00.conv1.bias"])
    discriminators = nn.ModuleList(Discriminator(num_classes, width) for _ in range(num_targets))
    network.load_state_dict(recorded(case, "net0."))
    for index, discriminator in enumerate(discriminators):
        discriminator.load_state_dict(recorded(case, f"D{index}0."))
    warm_up = WarmUp(
        network,
        discriminators,
        torch.optim.SGD(
            [{"params": network.conv.parameters(), "lr": 0.1}, {"params": network.heads.parameters(), "lr": 1.0}],
            momentum=0.9,
            weight_decay=2e-4,
        ),
        torch.optim.Adam(discriminators.parameters(), lr=0.01, betas=(0.9, 0.99)),
        kind,
        float(case["hyper"][3]),
        IGNORED,
    )

    for time, returned in enumerate(case["returned"]):
        losses = warm_up.update(recorded_batch(case, time, num_targets))
        assert_close(torch.stack([losses.source, losses.alignment[-1], losses.discriminator[-1]]), returned, 1e-5)

    for name, value in network.state_dict().items():
        assert_close(value, case[f"net2.{name}"], 1e-5)
    for index, discriminator in enumerate(discriminators):
        for name, value in discriminator.state_dict().items():
            assert_close(value, case[f"D{index}2.{name}"], 2e-4)


def recorded(case: Case, prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): torch.from_numpy(case[name]) for name in case if name.startswith(prefix)}


def recorded_batch(case: Case, time: int, num_targets: int) -> WarmUpBatch:
    images, labels = (torch.from_numpy(case[f"src_{part}{time}"]) for part in "xy")
    return WarmUpBatch(images, labels, [torch.from_numpy(case[f"tgt{index}_x{time}"]) for index in range(num_targets)])
