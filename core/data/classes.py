"""Class lists and palettes as tables. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.data.distinct_colours import Colour, distinct_colour

IGNORE_INDEX = 255
"""Label value that losses and metrics ignore, in every array inside Palimpsest."""


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
        background_id: raw value of background pixels. None if the dataset labels everything (CamVid, Cityscapes); then
            raw id 0 is an ordinary class.
    """

    names: dict[int, str]
    ignore_id: int = IGNORE_INDEX
    background_id: int | None = 0
    colours: dict[int, Colour] | None = None
    """Raw id -> colour, if the dataset has its own palette."""
    unseen_in_tests: Literal["background", "ignored"] = "background"
    """What a test's label says of classes that are not learned yet. ADE20K's protocol ignores them."""

    def colour(self, raw_id: int) -> Colour:
        """Return the display colour of a raw id: the dataset's own, black for the background, else a default."""
        if self.colours is not None and raw_id in self.colours:
            return self.colours[raw_id]
        if raw_id == self.background_id:
            return (0, 0, 0)
        return distinct_colour(raw_id if self.background_id != 0 else raw_id - 1)


VOC_NAMES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
VOC_CLASSES = ClassTable(
    dict(enumerate(VOC_NAMES, start=1)), colours={raw_id: voc_colour(raw_id) for raw_id in range(len(VOC_NAMES) + 1)}
)

OBJECT_NAMES = (
    "ball", "crate", "tent", "star", "kite", "tyre", "plus", "moon", "nut", "leaf",
    "globe", "tile", "roof", "badge", "flag", "wheel", "cross", "horn", "hive", "seed",
)  # fmt: skip
"""The classes of the built-in world *objects*, raw ids 1 to 20; `core.data.worlds.objects` draws them."""


def object_classes(count: int) -> ClassTable:
    """Return the class table of the world *objects* with its first `count` classes (1 to 20)."""
    return ClassTable(dict(enumerate(OBJECT_NAMES[:count], start=1)))


UNMAPPED = IGNORE_INDEX
CITYSCAPES_ROWS: tuple[tuple[str, int, int | None, Colour], ...] = (
    ("road", 7, 3, (128, 64, 128)),
    ("sidewalk", 8, 4, (244, 35, 232)),
    ("building", 11, 2, (70, 70, 70)),
    ("wall", 12, 21, (102, 102, 156)),
    ("fence", 13, 5, (190, 153, 153)),
    ("pole", 17, 7, (153, 153, 153)),
    ("traffic light", 19, 15, (250, 170, 30)),
    ("traffic sign", 20, 9, (220, 220, 0)),
    ("vegetation", 21, 6, (107, 142, 35)),
    ("terrain", 22, None, (152, 251, 152)),
    ("sky", 23, 1, (70, 130, 180)),
    ("person", 24, 10, (220, 20, 60)),
    ("rider", 25, 17, (255, 0, 0)),
    ("car", 26, 8, (0, 0, 142)),
    ("truck", 27, None, (0, 0, 70)),
    ("bus", 28, 19, (0, 60, 100)),
    ("train", 31, None, (0, 80, 100)),
    ("motorcycle", 32, 12, (0, 0, 230)),
    ("bicycle", 33, 11, (119, 11, 32)),
)
"""Row i is train id i: name, Cityscapes and GTA5 id, SYNTHIA id (None = it has no such class), colour."""
CITYSCAPES_NAMES = tuple(row[0] for row in CITYSCAPES_ROWS)
CITYSCAPES_CLASSES = ClassTable(
    dict(enumerate(CITYSCAPES_NAMES)),
    background_id=None,
    colours={train_id: row[3] for train_id, row in enumerate(CITYSCAPES_ROWS)},
)
"""The 19 classes by train id; pixels without a class are ignored."""
SYNTHIA_16 = tuple(train_id for train_id, row in enumerate(CITYSCAPES_ROWS) if row[2] is not None)
"""Train ids of the 16 classes that SYNTHIA shares; position i is id i of the contiguous 16-class space."""
SYNTHIA_CLASSES = ClassTable(
    {train_id: CITYSCAPES_NAMES[train_id] for train_id in SYNTHIA_16},
    background_id=None,
    colours=CITYSCAPES_CLASSES.colours,
)
SYNTHIA_13 = tuple(train_id for train_id in SYNTHIA_16 if train_id not in (3, 4, 5))
"""The 16 without wall, fence and pole."""
CITYSCAPES_CATEGORIES: Mapping[str, tuple[int, ...]] = {
    "flat": (0, 1),
    "construction": (2, 3, 4),
    "object": (5, 6, 7),
    "nature": (8, 9),
    "sky": (10,),
    "human": (11, 12),
    "vehicle": (13, 14, 15, 16, 17, 18),
}
"""The 7 categories of Cityscapes -> train ids; every class is in one category."""
CITYSCAPES_TO_TRAIN = {row[1]: train_id for train_id, row in enumerate(CITYSCAPES_ROWS)}
"""Id of Cityscapes and GTA5 -> train id; every other id is ignored."""
SYNTHIA_TO_TRAIN = {row[2]: train_id for train_id, row in enumerate(CITYSCAPES_ROWS) if row[2] is not None}
TRAIN_TO_CONTIGUOUS_16 = {train_id: index for index, train_id in enumerate(SYNTHIA_16)}


def id_table(mapping: Mapping[int, int]) -> tuple[int, ...]:
    """Return the new id of each of the 256 8-bit ids; 255 if the mapping has none (−1 reads as 255)."""
    return tuple(mapping.get(raw_id, UNMAPPED) for raw_id in range(256))
