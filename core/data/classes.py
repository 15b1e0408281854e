"""Class lists and palettes as tables. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass

IGNORE_INDEX = 255
"""Label value that no loss and no metric counts, in every array inside Palimpsest."""

Colour = tuple[int, int, int]


def voc_colour(index: int) -> Colour:
    """Return PASCAL VOC's colour of a class id: its bits spread over red, green and blue from the top bit down."""
    channels = [0, 0, 0]
    for bit in range(8):
        for channel in range(3):
            channels[channel] |= ((index >> (3 * bit + channel)) & 1) << (7 - bit)
    return (channels[0], channels[1], channels[2])


@dataclass(frozen=True)
class ClassTable:
    """Meaning of a dataset's raw label values.

    Attributes:
        names: raw id -> name, for every class that can be learned; the background is not listed.
        ignore_id: raw value of unlabelled pixels.
        background_id: raw value of background pixels, or None where the dataset labels everything (CamVid, Cityscapes):
            then raw id 0 is an ordinary class.
    """

    names: dict[int, str]
    ignore_id: int = IGNORE_INDEX
    background_id: int | None = 0

    def colour(self, raw_id: int) -> Colour:
        """Return the display colour of a raw id, shifted by one where there is no background, lest a class be black."""
        return voc_colour(raw_id if self.background_id is not None else raw_id + 1)


VOC_NAMES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
VOC_CLASSES = ClassTable(dict(enumerate(VOC_NAMES, start=1)))

OBJECT_NAMES = (
    "ball", "crate", "tent", "star", "kite", "tyre", "plus", "moon", "nut", "leaf",
    "globe", "tile", "roof", "badge", "flag", "wheel", "cross", "horn", "hive", "seed",
)  # fmt: skip
"""The classes of the built-in world *objects*, raw ids 1 to 20; `core.data.worlds.objects` draws them."""


def object_classes(count: int) -> ClassTable:
    """Return the class table of the world *objects* with its first `count` classes (1 to 20)."""
    return ClassTable(dict(enumerate(OBJECT_NAMES[:count], start=1)))
