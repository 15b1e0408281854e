"""Styles of the targets, and views of one target in the style of another (CoaST 4.3).

A style is the mean and deviation of every channel of every image. It is stored for several places: the images, and
the output of each bottleneck of the network's first two stages.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from core.models.feature_style import Style, restyle, style_of

StyleMode = Literal["clean", "reference"]


def stylise(features: Tensor, style: Style) -> Tensor:
    """Return features in another style. Image b takes the style of image b, modulo the number of styles.

    Args:
        features: (B, C, h, w); gradients also flow through their own style.
        style: styles of any number of images.
    """
    taken = torch.arange(len(features), device=features.device) % len(style.mean)
    return restyle(features, style_of(features), Style(*(part.to(features.device)[taken] for part in style)))


class StyleMemory:
    """Each domain's latest style at one place; initially mean 0 and deviation 1."""

    def __init__(self, num_domains: int) -> None:
        self.styles: list[Style | None] = [None] * num_domains

    def record(self, domain: int, features: Tensor) -> None:
        """Store the style of a domain's features (B, C, h, w), detached."""
        self.styles[domain] = style_of(features.detach())

    def stylise(self, features: Tensor, domain: int) -> Tensor:
        """Return features in the style of a domain."""
        style = self.styles[domain]
        if style is None:
            first = features.detach()[:1, :, :1, :1]
            style = Style(torch.zeros_like(first), torch.ones_like(first))
        return stylise(features, style)

    def state(self) -> list[Any]:
        """Return the styles as JSON data; this keeps every bit."""
        return [None if style is None else [_packed(part) for part in style] for style in self.styles]

    def restore(self, state: list[Any]) -> None:
        """Load styles."""
        self.styles = [None if parts is None else Style(*(_unpacked(part) for part in parts)) for parts in state]


class StylePass(NamedTuple):
    """One pass of the network: the styles recorded and applied after each bottleneck of the first stages.

    Attributes:
        memories: one per bottleneck.
        recorded: domain for which styles are recorded; None = record nothing.
        style: domain whose style is applied; None = keep the features' style.
    """

    memories: Sequence[StyleMemory]
    recorded: int | None = None
    style: int | None = None

    def through(self, place: int, features: Tensor) -> Tensor:
        """Return the features after bottleneck `place`, counted from 0. The style is recorded before it is changed."""
        if self.recorded is not None:
            self.memories[place].record(self.recorded, features)
        return features if self.style is None else self.memories[place].stylise(features, self.style)


class StyleBank:
    """The memories of all places, and the passes that use them.

    Args:
        num_domains: K targets.
        num_places: number of bottlenecks with a style memory.
        mode: "clean" records only plain passes of targets. REFERENCE: after the first plain pass, every pass records,
            for the current target or, in passes of the source, the latest one; `mode="reference"` reproduces it.
    """

    def __init__(self, num_domains: int, num_places: int, mode: StyleMode = "clean") -> None:
        self.images = StyleMemory(num_domains)
        self.memories = [StyleMemory(num_domains) for _ in range(num_places)]
        self.mode = mode
        self._last_domain: int | None = None

    def other_pass(self) -> StylePass:
        """Return a pass for the source, a validation, or pseudo-labels."""
        return StylePass(self.memories, self._leak())

    def plain_pass(self, domain: int) -> StylePass:
        """Return the pass of a target's own images; it records their style."""
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
        """Load the styles of a checkpoint."""
        for memory, place in zip((self.images, *self.memories), state["places"], strict=True):
            memory.restore(place)
        self._last_domain = state["last_domain"]

    def _leak(self) -> int | None:
        return self._last_domain if self.mode == "reference" else None


def _packed(part: Tensor) -> dict[str, Any]:
    """Return a (B, C, 1, 1) float32 tensor as its shape, and its bytes in base 64."""
    return {"shape": list(part.shape), "float32": base64.b64encode(part.float().cpu().numpy().tobytes()).decode()}


def _unpacked(packed: dict[str, Any]) -> Tensor:
    values = np.frombuffer(base64.b64decode(packed["float32"]), dtype=np.float32)
    return torch.from_numpy(values.copy()).view(packed["shape"])
