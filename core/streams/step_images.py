"""The images of each step of a class-incremental stream, from a scan of the labels. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.data.presence import ClassPresence
from core.streams.base import StepPreview, StreamPreview
from core.streams.selection import Setting, Split, select_images
from core.streams.step import Step

ItemIndices = npt.NDArray[np.int64]


def step_items(presence: ClassPresence, step: Step, split: Split, setting: Setting) -> ItemIndices:
    """Return the ascending indices of the images that belong to a step; see `select_images`."""
    return np.flatnonzero(select_images(presence.class_sets(), step, split, setting, presence.classes))


def preview_steps(presence: ClassPresence, steps: Sequence[Step], setting: Setting) -> StreamPreview:
    """Count the training images of each step, those shared with an earlier step, and those in no step."""
    taken = np.zeros(len(presence.pixels), dtype=np.bool_)
    previews = []
    for step in steps:
        items = step_items(presence, step, Split.TRAIN, setting)
        shown = presence.class_sets()[np.ix_(items, np.array(step.new_classes))]
        previews.append(
            StepPreview(
                title=f"step {step.index}",
                classes=step.new_classes,
                images=len(items),
                images_shared=int(taken[items].sum()),
                images_per_class=tuple(shown.sum(axis=0).tolist()),
            )
        )
        taken[items] = True
    return StreamPreview(tuple(previews), images_unused=int((~taken).sum()))
