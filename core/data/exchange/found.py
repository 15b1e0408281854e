"""What an archive turned out to hold. Free of torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from core.data.exchange.faults import ExchangeFault
from core.data.samples import LabelMap

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True)
class FoundLabel:
    """The labels of one image, not yet decoded.

    Attributes:
        file: how reports call them.
        stem: what their image is called: a path without suffix.
        read: gives (H, W) uint8 raw ids for the size of the image; raises ExchangeFault.
    """

    file: str
    stem: str
    read: Callable[[Size], LabelMap]


@dataclass
class Found:
    """Labels of an archive, and what else it holds: each file with why it is none."""

    labels: list[FoundLabel] = field(default_factory=list)
    faults: list[tuple[str, ExchangeFault]] = field(default_factory=list)
