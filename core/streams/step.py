"""One step of classes. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One continual step: its old, new and seen raw class ids.

    Attributes:
        index: 0 for the base step.
        old_classes: raw ids of all earlier steps, in learning order (O of EIR 2.3).
        new_classes: raw ids of this step, in learning order (N).
    """

    index: int
    old_classes: tuple[int, ...]
    new_classes: tuple[int, ...]

    @property
    def seen_classes(self) -> tuple[int, ...]:
        """Raw ids of old and new classes in learning order; network channel 1 + i is the i-th class."""
        return self.old_classes + self.new_classes

    @property
    def num_channels(self) -> int:
        """C = 1 + |O| + |N|."""
        return 1 + len(self.seen_classes)
