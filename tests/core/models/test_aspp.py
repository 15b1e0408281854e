from __future__ import annotations

import torch
from torch import nn

from core.models.aspp import ASPP, RATES


def test_state_names_are_those_of_the_published_checkpoints() -> None:
    with torch.device("meta"):
        names = {name for name, _ in ASPP(8, RATES[16]).named_parameters()}

    branches = {f"convs.{index}.{part}" for index in range(4) for part in ("0.weight", "1.weight", "1.bias")}
    pooled = {"convs.4.1.weight", "convs.4.2.weight", "convs.4.2.bias"}
    rest = {f"{name}.{part}" for name in ("project", "last_conv") for part in ("0.weight", "1.weight", "1.bias")}
    assert names == branches | pooled | rest


def test_features_keep_their_size_and_have_256_channels() -> None:
    aspp = ASPP(8, RATES[8]).eval()

    with torch.no_grad():
        output = aspp(torch.ones(2, 8, 5, 7))

    assert output.shape == (2, 256, 5, 7)


def test_dropout_has_the_given_probability() -> None:
    with torch.device("meta"):
        dropouts = [module.p for module in ASPP(8, RATES[16], dropout=0.3).modules() if isinstance(module, nn.Dropout)]

    assert dropouts == [0.3]


def test_pooled_branch_spreads_the_mean_over_every_pixel() -> None:
    # With the other branches silenced the output depends on the mean of the features alone.
    torch.manual_seed(0)
    aspp = ASPP(2, RATES[16], widths=(1, 1, 1)).eval()
    for branch in list(aspp.convs)[:4]:
        nn.init.zeros_(branch[0].weight)
    features = torch.arange(18.0).reshape(1, 2, 3, 3)

    with torch.no_grad():
        shuffled = aspp(features.flip(2))
        output = aspp(features)

    assert torch.equal(output, shuffled)


def test_a_batch_of_one_image_trains_and_leaves_the_pooled_statistics_alone() -> None:
    aspp = ASPP(8, RATES[16], widths=(4, 4, 4)).train()
    before = aspp.convs[4][2].running_mean.clone()

    aspp(torch.randn(1, 8, 5, 7, generator=torch.Generator().manual_seed(0))).sum().backward()

    assert torch.equal(aspp.convs[4][2].running_mean, before)
    assert torch.isfinite(aspp.convs[4][1].weight.grad).all()
