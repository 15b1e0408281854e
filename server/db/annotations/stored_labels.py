"""Store the labels of an answer with their counts (numpy and Pillow only, without torch)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.acquisition.manifest import count_ids, merge_labels
from core.acquisition.pixel_sources import count_sources
from core.data.samples import LabelMap
from core.files import index_png
from server.storage import Storage


@dataclass(frozen=True)
class LabelFacts:
    """Stored labels; see `server.db.models.Annotation` for the fields."""

    mask_sha256: str
    merged_sha256: str
    pixels: int
    class_pixels: dict[str, int]
    agreeing_pixels: int


@dataclass(frozen=True)
class SourceFacts:
    """A stored map of sources; see `server.db.models.Annotation` for the fields."""

    sources_sha256: str
    person_pixels: int
    model_pixels: int
    assisted_pixels: int


def store_sources(storage: Storage, sources: LabelMap) -> SourceFacts:
    """Store the origin of each pixel's label: (H, W) `PixelSource`."""
    counts = count_sources(sources)
    return SourceFacts(
        sources_sha256=storage.put_bytes(index_png(sources)),
        person_pixels=counts.person,
        model_pixels=counts.model,
        assisted_pixels=counts.assisted,
    )


def store_labels(
    storage: Storage, labels: LabelMap, *, ignore_id: int, proposal: LabelMap, earlier: LabelMap | None
) -> LabelFacts:
    """Store the labels of one answer, and the same merged into the image's labels from earlier rounds.

    The bytes equal those of the oracle's stage for the same labels, so that equal labels have equal digests.

    Args:
        storage: the target storage.
        labels: (H, W) raw ids; the ignore id where nothing was queried or is known.
        ignore_id: ignore id of the dataset.
        proposal: (H, W) the teacher's prediction.
        earlier: (H, W) all labels of the image before this round, or None.
    """
    mask = storage.put_bytes(index_png(labels))
    merged = mask
    if earlier is not None:
        merged = storage.put_bytes(index_png(merge_labels(earlier, labels, ignore_id)))
    counts = count_ids(labels)
    counts[ignore_id] = 0
    agrees = (proposal == labels) & (labels != ignore_id)
    return LabelFacts(
        mask_sha256=mask,
        merged_sha256=merged,
        pixels=int(counts.sum()),
        class_pixels={str(raw_id): int(counts[raw_id]) for raw_id in np.flatnonzero(counts)},
        agreeing_pixels=int(np.count_nonzero(agrees)),
    )
