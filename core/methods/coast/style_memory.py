"""Styles of the targets, and views of one target in the style of another (CoaST 4.3).

A style is the mean and deviation of every channel of every image. It is remembered at several places: the image itself,
and what each bottleneck of the first two stages gives.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

StyleMode = Literal["clean", "reference"]
_EPSILON = 1e-5


class Style(NamedTuple):
    """Mean and deviation of each channel of each image, (B, C, 1, 1)."""

    mean: Tensor
    deviation: Tensor


def style_of(features: Tensor) -> Style:
    """Return the style of (B, C, h, w); the variance is the unbiased one, plus 1e-5.

    Raises:
        ValueError: if a map is a single pixel, which has no variance.
    """
    if features.shape[-2:].numel() < 2:
        raise ValueError(f"features of shape {tuple(features.shape)} have no variance; use larger images")
    variance, mean = torch.var_mean(_precise(features), dim=(2, 3), keepdim=True)
    return Style(mean, (variance + _EPSILON).sqrt())


def stylise(features: Tensor, style: Style) -> Tensor:
    """Return features in another style; image b takes that of image b, counted from the start again where it lacks.

    Args:
        features: (B, C, h, w); gradients flow through their own style too.
        style: of any number of images.
    """
    own = style_of(features)
    taken = torch.arange(len(features), device=features.device) % len(style.mean)
    mean, deviation = (part.to(features.device)[taken] for part in style)
    return (features - own.mean) / own.deviation * deviation + mean


class StyleMemory:
    """The style that each domain had when it was last seen at one place; mean 0 and deviation 1 before."""

    def __init__(self, num_domains: int) -> None:
        self.styles: list[Style | None] = [None] * num_domains

    def record(self, domain: int, features: Tensor) -> None:
        """Remember the style of a domain's features (B, C, h, w), without a gradient."""
        self.styles[domain] = style_of(features.detach())

    def stylise(self, features: Tensor, domain: int) -> Tensor:
        """Return features in the style of a domain."""
        style = self.styles[domain]
        if style is None:
            first = features.detach()[:1, :, :1, :1]
            style = Style(torch.zeros_like(first), torch.ones_like(first))
        return stylise(features, style)

    def state(self) -> list[Any]:
        """Return the styles as JSON data, which keeps every bit."""
        return [None if style is None else [_packed(part) for part in style] for style in self.styles]

    def restore(self, state: list[Any]) -> None:
        """Take over styles."""
        self.styles = [None if parts is None else Style(*(_unpacked(part) for part in parts)) for parts in state]


class StylePass(NamedTuple):
    """One pass of the network: what is remembered and what is changed behind each bottleneck of the first stages.

    Attributes:
        memories: one for each of the bottlenecks.
        recorded: domain into which styles are recorded; None = into none.
        style: domain whose style the features take on; None = they keep theirs.
    """

    memories: Sequence[StyleMemory]
    recorded: int | None = None
    style: int | None = None

    def through(self, place: int, features: Tensor) -> Tensor:
        """Return what goes on from a bottleneck, counted from 0; what is recorded is what came out of it."""
        if self.recorded is not None:
            self.memories[place].record(self.recorded, features)
        return features if self.style is None else self.memories[place].stylise(features, self.style)


class StyleBank:
    """The memories of all places, and what each pass does with them.

    Args:
        num_domains: K targets.
        num_places: bottlenecks behind which styles are remembered.
        mode: "clean" records plain passes of the targets alone. REFERENCE: from the first of them on every pass
            records, into the target whose turn it is or, where the source is, was last; "reference" gives it.
    """

    def __init__(self, num_domains: int, num_places: int, mode: StyleMode = "clean") -> None:
        self.images = StyleMemory(num_domains)
        self.memories = [StyleMemory(num_domains) for _ in range(num_places)]
        self.mode = mode
        self._last_domain: int | None = None

    def other_pass(self) -> StylePass:
        """Return a pass of the source, of a validation, or of making pseudo-labels."""
        return StylePass(self.memories, self._leak())

    def plain_pass(self, domain: int) -> StylePass:
        """Return the pass of a target's own images, whose style is remembered."""
        self._last_domain = domain
        return StylePass(self.memories, domain)

    def stylised_pass(self, style: int) -> StylePass:
        """Return a pass in the style of another target."""
        return StylePass(self.memories, self._leak(), style)

    def state(self) -> dict[str, Any]:
        """Return all styles as JSON data, for a checkpoint."""
        places = [memory.state() for memory in (self.images, *self.memories)]
        return {"places": places, "last_domain": self._last_domain}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the styles of a checkpoint."""
        for memory, place in zip((self.images, *self.memories), state["places"], strict=True):
            memory.restore(place)
        self._last_domain = state["last_domain"]

    def _leak(self) -> int | None:
        return self._last_domain if self.mode == "reference" else None


def _precise(features: Tensor) -> Tensor:
    """Return features whose statistics are worth something: those of autocast in float32."""
    return features.float() if features.dtype in (torch.bfloat16, torch.float16) else features


def _packed(part: Tensor) -> dict[str, Any]:
    """Return a (B, C, 1, 1) float32 tensor as its shape, and its bytes in base 64."""
    return {"shape": list(part.shape), "float32": base64.b64encode(part.float().cpu().numpy().tobytes()).decode()}


def _unpacked(packed: dict[str, Any]) -> Tensor:
    values = np.frombuffer(base64.b64decode(packed["float32"]), dtype=np.float32)
    return torch.from_numpy(values.copy()).view(packed["shape"])
