"""Class tables of street scenes that several data sets share: 7 and 19 classes (CoaST 2.3). Free of torch.

The published 7-class tables differ: terrain is nature in Cityscapes and flat in GTA5 and Mapillary; caravans and
trailers are vehicles except in GTA5, where they are ignored. They are kept as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from core.data.classes import CITYSCAPES_CATEGORIES, CITYSCAPES_NAMES, CITYSCAPES_TO_TRAIN, ClassTable

ClassCount = Literal[7, 19]
StreetDataset = Literal["gta5", "cityscapes", "idd", "mapillary"]
FLAT, CONSTRUCTION, OBJECT, NATURE, SKY, HUMAN, VEHICLE = range(7)
SEVEN_CLASSES = ClassTable(
    dict(enumerate(CITYSCAPES_CATEGORIES)),
    background_id=None,
    colours={
        FLAT: (128, 64, 128), CONSTRUCTION: (70, 70, 70), OBJECT: (153, 153, 153), NATURE: (107, 142, 35),
        SKY: (0, 130, 180), HUMAN: (220, 20, 60), VEHICLE: (0, 0, 142),
    },
)  # fmt: skip
"""The 7 classes, which are Cityscapes' categories."""
_TRAIN_TO_SEVEN = {
    train_id: seven for seven, members in enumerate(CITYSCAPES_CATEGORIES.values()) for train_id in members
}
_TERRAIN, _CARAVAN, _TRAILER = 22, 29, 30


def _ids(**named: tuple[int, ...]) -> dict[int, int]:
    """Return raw id -> train id of raw ids by name; `_` stands for a space."""
    return {
        raw_id: CITYSCAPES_NAMES.index(name.replace("_", " ")) for name, raw_ids in named.items() for raw_id in raw_ids
    }


_CITYSCAPES_7 = {raw_id: _TRAIN_TO_SEVEN[train_id] for raw_id, train_id in CITYSCAPES_TO_TRAIN.items()}
_IDD_19 = _ids(
    road=(0,), sidewalk=(3,), terrain=(5,), person=(6,), rider=(8,), motorcycle=(9,), bicycle=(10,), car=(12,),
    truck=(13,), bus=(14,), train=(17,), wall=(20,), fence=(21,), traffic_sign=(24,), traffic_light=(25,), pole=(26,),
    building=(29,), vegetation=(32,), sky=(33,),
)  # fmt: skip
_MAPILLARY_19 = _ids(
    fence=(3,), wall=(6,), road=(13,), sidewalk=(15,), building=(17,), person=(19,), rider=(20, 21, 22), sky=(27,),
    terrain=(29,), vegetation=(30,), pole=(45,), traffic_light=(48,), traffic_sign=(49, 50), bicycle=(52,), bus=(54,),
    car=(55,), motorcycle=(57,), train=(58,), truck=(61,),
)  # fmt: skip
_IDD_7 = {
    **dict.fromkeys((0, 2, 3), FLAT),
    **dict.fromkeys((19, 20, 21, 29), CONSTRUCTION),
    **dict.fromkeys((23, 24, 25, 26), OBJECT),
    32: NATURE,
    33: SKY,
    **dict.fromkeys((6, 8), HUMAN),
    **dict.fromkeys(range(9, 19), VEHICLE),
}
_MAPILLARY_7 = {
    **dict.fromkeys((*range(7, 16), 23, 24, 29), FLAT),
    **dict.fromkeys((*range(2, 7), 16, 17, 18), CONSTRUCTION),
    **dict.fromkeys(range(43, 51), OBJECT),
    30: NATURE,
    27: SKY,
    **dict.fromkeys(range(19, 23), HUMAN),
    **dict.fromkeys(range(52, 63), VEHICLE),
}
STREET_IDS: Mapping[tuple[StreetDataset, ClassCount], Mapping[int, int]] = {
    ("gta5", 19): CITYSCAPES_TO_TRAIN,
    ("cityscapes", 19): CITYSCAPES_TO_TRAIN,
    ("idd", 19): _IDD_19,
    ("mapillary", 19): _MAPILLARY_19,
    ("gta5", 7): {**_CITYSCAPES_7, _TERRAIN: FLAT},
    ("cityscapes", 7): {**_CITYSCAPES_7, _CARAVAN: VEHICLE, _TRAILER: VEHICLE},
    ("idd", 7): _IDD_7,
    ("mapillary", 7): _MAPILLARY_7,
}
"""Raw id of a data set's label files -> class; every other id is ignored."""
CONSISTENT_SEVEN: Mapping[StreetDataset, Mapping[int, int]] = {
    "gta5": {**_CITYSCAPES_7, _TERRAIN: FLAT, _CARAVAN: VEHICLE, _TRAILER: VEHICLE},
    "cityscapes": {**_CITYSCAPES_7, _TERRAIN: FLAT, _CARAVAN: VEHICLE, _TRAILER: VEHICLE},
    "idd": _IDD_7,
    "mapillary": _MAPILLARY_7,
}
"""The 7 classes with the same meaning in all data sets: terrain is flat, caravans and trailers are vehicles."""
