"""Steps of a stream."""

from __future__ import annotations

from core.streams.step import Step


def test_channels_count_background_and_every_class_seen_so_far() -> None:
    step = Step(index=2, old_classes=(7, 3, 9), new_classes=(1, 2))

    assert step.seen_classes == (7, 3, 9, 1, 2)
    assert step.num_channels == 6
