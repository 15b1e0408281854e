"""Logits of whole images by sliding windows against the recording."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.engine.inference import multi_scale_logits
from tests.support.parity import assert_close, load_case


@pytest.mark.parametrize("name", list("abcd"))
@pytest.mark.parametrize("flip", [False, True])
def test_windows_are_summed_as_recorded(name: str, flip: bool) -> None:
    case = {key: torch.from_numpy(array) for key, array in load_case("stal", "sliding_window").items()}

    def logits_of(windows: Tensor) -> Tensor:
        return F.conv2d(windows, case["conv_weight"], case["conv_bias"], stride=2, padding=1)

    image, crop = case[f"{name}_image"], (int(case[f"{name}_crop"][0]), int(case[f"{name}_crop"][1]))
    scales, base = case[f"{name}_scales"].tolist(), int(case[f"{name}_base"])
    logits = multi_scale_logits(logits_of, image, crop, base, scales, flip)
    if not flip:
        assert_close(logits[0], case[f"{name}_logits"], 1e-5)
        assert_close(logits[0].argmax(0), case[f"{name}_argmax"], 0)
    else:
        # A mirrored image and its mirrored logits are the same question.
        mirrored = multi_scale_logits(logits_of, image.flip(3), crop, base, scales, flip)
        assert_close(mirrored.flip(3), logits, 1e-5)
