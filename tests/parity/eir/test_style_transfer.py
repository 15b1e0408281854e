"""Statistics of one image put on another, and MixStyle with given draws."""

from __future__ import annotations

import torch

from core.methods.eir.style import StyleMix, match_style, mix_styles
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def test_image_takes_the_style_of_another() -> None:
    case = load_case("eir", "style_transfer")
    image, host = (torch.from_numpy(case[name])[None] for name in ("image_a", "image_b"))

    assert_close(match_style(image, image, host)[0], case["image_out"], TOLERANCE)


def test_features_lose_one_style_and_take_another() -> None:
    case = load_case("eir", "style_transfer")
    features, source, target = (torch.from_numpy(case[name]) for name in ("feat_in", "feat_stat_src", "feat_stat_dst"))

    assert_close(match_style(features, source, target), case["feat_out"], TOLERANCE)


def test_styles_of_a_batch_are_mixed() -> None:
    case = load_case("eir", "style_transfer")
    mix = StyleMix(torch.from_numpy(case["lam"]), torch.from_numpy(case["perm"]))

    assert_close(mix_styles(torch.from_numpy(case["x"]), mix), case["mixstyle_out"], TOLERANCE)
