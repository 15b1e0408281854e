"""Styles, and the passes of two iterations in both ways of recording them (CoaST 4.3)."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
import torch
from torch import Tensor

from core.methods.coast.style_memory import StyleBank, StyleMemory, StyleMode, StylePass
from core.models.feature_style import style_of
from core.models.resnet import Bottleneck
from tests.support.parity import assert_close, load_case


def test_features_take_on_the_recorded_style() -> None:
    case = {name: torch.from_numpy(array) for name, array in load_case("coast", "crossnorm").items()}
    memory = StyleMemory(1)
    own = style_of(case["x"])

    assert_close(own.mean, case["mean"], 1e-5)
    assert_close(own.deviation, case["std"], 1e-5)
    assert_close(memory.stylise(case["x"], 0), case["out_initial"], 1e-5)
    memory.record(0, case["style"])
    assert_close(memory.stylise(case["x"], 0), case["out"], 1e-5)


@pytest.mark.parametrize(("mode", "prefix"), [("clean", ""), ("reference", "leaky_")])
def test_passes_see_the_styles_that_the_recording_saw(mode: StyleMode, prefix: str) -> None:
    case = load_case("coast", "style_schedule")
    num_domains = int(case["hyper"][0])
    blocks = recorded_blocks(case)
    bank = StyleBank(num_domains, len(blocks), mode)

    for time in range(sum(name.startswith("src_out") for name in case)):
        found = walk(blocks, torch.from_numpy(case[f"src{time}"]), bank.other_pass())
        assert_close(found, case[f"src_out{time}"], 1e-4)
        for domain in range(num_domains):
            images = torch.from_numpy(case[f"tgt{domain}_{time}"])
            bank.images.record(domain, images)
            assert_close(walk(blocks, images, bank.plain_pass(domain)), case[f"plain{domain}_{time}"], 1e-4)
            for other in (index for index in range(num_domains) if index != domain):
                name = f"sty{domain}to{other}_{time}"
                stylised = bank.images.stylise(images, other)
                assert_close(stylised, case[f"img{name}"], 1e-4)
                assert_close(walk(blocks, stylised, bank.stylised_pass(other)), case[prefix + name], 1e-4)


def recorded_blocks(case: dict[str, np.ndarray]) -> list[Bottleneck]:
    blocks = []
    for index in count():
        prefix = f"w.{index}."
        weights = {name.removeprefix(prefix): torch.from_numpy(case[name]) for name in case if name.startswith(prefix)}
        if not weights:
            return blocks
        width, in_channels = weights["conv1.weight"].shape[:2]
        block = Bottleneck(in_channels, width, stride=1, dilation=1)
        missing, unexpected = block.load_state_dict(weights, strict=False)
        assert not unexpected
        assert all(name.endswith("num_batches_tracked") for name in missing)
        blocks.append(block.eval())
    raise AssertionError("count never ends")


@torch.no_grad()
def walk(blocks: list[Bottleneck], features: Tensor, styles: StylePass) -> Tensor:
    for place, block in enumerate(blocks):
        features = styles.through(place, block(features))
    return features
