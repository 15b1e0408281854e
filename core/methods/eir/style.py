"""Optional changes of style: a pasted instance takes its host's, or the images of a batch mix theirs (EIR 4.6)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.models.feature_style import Style, restyle, style_of

EPSILON = 1e-6
"""Added to variances."""
BETA = 0.1
"""Both parameters of the Beta distribution of λ."""
PROBABILITY = 0.5
"""Share of the batches whose styles are mixed."""

Partners = Literal["random", "crossdomain"]
"""Whose style an image may get: any image's, or one of the other half of the batch."""


class StyleMix(NamedTuple):
    """The draws of one MixStyle: λ (B, 1, 1, 1) in [0, 1], and the image whose style each image mixes in, (B,)."""

    lam: Tensor
    partners: Tensor


def match_style(features: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """Return features (B, C, h, w) without the style of `source` and with that of `target`; styles are detached.

    Args:
        features: (B, C, h, w).
        source: (B, C, h', w') whose style is taken away; often the features themselves.
        target: (B, C, h'', w'') whose style is put on.
    """
    return restyle(features, style_of(source.detach(), EPSILON), style_of(target.detach(), EPSILON))


def mix_styles(features: Tensor, mix: StyleMix) -> Tensor:
    """MixStyle (Zhou et al., ICLR 2021): each image gets λ of its own style and 1 − λ of its partner's, detached."""
    own = style_of(features.detach(), EPSILON)
    mixed = Style(*(mix.lam * part + (1 - mix.lam) * part[mix.partners] for part in own))
    return restyle(features, own, mixed)


def draw_style_mix(batch_size: int, partners: Partners, rng: np.random.Generator) -> StyleMix | None:
    """Draw one MixStyle with λ ~ Beta(0.1, 0.1); None for the half of the batches that stay as they are.

    Args:
        batch_size: B.
        partners: with "crossdomain" the halves of the batch swap, each permuted.
        rng: generator of the batch.
    """
    if rng.random() >= PROBABILITY:
        return None
    lam = torch.from_numpy(rng.beta(BETA, BETA, size=(batch_size, 1, 1, 1))).float()
    order = rng.permutation(batch_size)
    if partners == "crossdomain":
        half = batch_size // 2
        order = np.concatenate([half + rng.permutation(batch_size - half), rng.permutation(half)])
    return StyleMix(lam, torch.from_numpy(order))
