"""The source of each pixel's label in an answer (ANN-14). Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from core.acquisition.manifest import count_ids
from core.data.samples import LabelMap


class PixelSource(IntEnum):
    """Who gave a pixel its label. The numbers are stored in source maps."""

    NONE = 0
    MODEL = 1
    PERSON = 2
    ASSISTED = 3


@dataclass(frozen=True)
class SourcePixels:
    """Numbers of labelled pixels by source: a person, the teacher, or a guided model."""

    person: int
    model: int
    assisted: int


def assumed_sources(labels: LabelMap, proposal: LabelMap) -> LabelMap:
    """Return (H, W) sources if none were recorded: labels equal to the teacher's proposal count as the teacher's."""
    return np.where(labels == proposal, PixelSource.MODEL, PixelSource.PERSON).astype(np.uint8)


def settled_sources(sources: LabelMap, labels: LabelMap, ignore_id: int) -> LabelMap:
    """Return the sources of an answer: none for pixels without a label, a person for labels without a source.

    Args:
        sources: (H, W) `PixelSource`.
        labels: (H, W) raw ids.
        ignore_id: raw id of pixels without a label.
    """
    known = np.where(sources == PixelSource.NONE, PixelSource.PERSON, sources)
    return np.where(labels == ignore_id, PixelSource.NONE, known).astype(np.uint8)


def count_sources(sources: LabelMap) -> SourcePixels:
    """Return the number of pixels of each source in an (H, W) map."""
    counts = count_ids(sources)
    return SourcePixels(
        person=int(counts[PixelSource.PERSON]),
        model=int(counts[PixelSource.MODEL]),
        assisted=int(counts[PixelSource.ASSISTED]),
    )
