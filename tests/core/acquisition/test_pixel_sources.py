from __future__ import annotations

import numpy as np

from core.acquisition.pixel_sources import (
    PixelSource,
    SourcePixels,
    assumed_sources,
    count_sources,
    settled_sources,
)

IGNORE = 255


def test_without_a_note_what_the_teacher_proposed_too_is_the_models() -> None:
    labels, proposal = np.array([[3, 3, 7]], np.uint8), np.array([[3, 7, 7]], np.uint8)

    assert assumed_sources(labels, proposal).tolist() == [[PixelSource.MODEL, PixelSource.PERSON, PixelSource.MODEL]]


def test_what_has_no_label_has_no_source_and_every_label_has_one() -> None:
    labels = np.array([[3, IGNORE, 7, 7]], np.uint8)
    noted = np.array([[PixelSource.ASSISTED, PixelSource.PERSON, PixelSource.NONE, PixelSource.MODEL]], np.uint8)

    settled = settled_sources(noted, labels, IGNORE)

    assert settled.tolist() == [[PixelSource.ASSISTED, PixelSource.NONE, PixelSource.PERSON, PixelSource.MODEL]]
    assert count_sources(settled) == SourcePixels(person=1, model=1, assisted=1)
