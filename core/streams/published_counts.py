"""Training images of each step in the published index lists, to find incomplete datasets (EIR 2.3). Free of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.data.ade20k_classes import ADE20K_NAMES
from core.data.classes import VOC_NAMES, ClassTable
from core.streams.schedules import ADE20K_SCHEDULES, VOC_SCHEDULES, Steps
from core.streams.selection import Setting

Counts = tuple[int, ...]

VOC_OVERLAP: Mapping[str, Counts] = {
    "19-1": (10410, 548),
    "15-5": (9568, 2145),
    "15-1": (9568, 487, 299, 491, 500, 548),
    "10-1": (6139, 528, 1177, 444, 482, 3898, 487, 299, 491, 500, 548),
    "10-5": (6139, 5542, 2145),
    "10-10": (6139, 6876),
    "5-3": (2836, 2331, 1542, 2095, 4484, 1468),
}
VOC_DISJOINT: Mapping[str, Counts] = {
    "19-1": (10034, 548),
    "15-5": (8437, 2145),
    "15-1": (8437, 378, 299, 420, 500, 548),
    "10-1": (3706, 188, 868, 227, 201, 3247, 378, 299, 420, 500, 548),
    "10-5": (3706, 4731, 2145),
    "10-10": (3706, 6876),
    "5-3": (1753, 1517, 624, 1296, 3924, 1468),
}
ADE20K_OVERLAP: Mapping[str, Counts] = {
    # REFERENCE: the list of 100-50's first step has all 20210 images. We follow the rule.
    "100-50": (20192, 9390),
    "100-10": (20192, 1710, 2294, 2747, 4279, 2844),
    "100-5": (20192, 1142, 600, 1234, 1204, 1151, 1874, 1807, 2943, 1238, 1898),
    "50-50": (20177, 13186, 9390),
}


def published_counts(steps: Steps, setting: Setting, classes: ClassTable) -> Counts | None:
    """Return the training images of each step; None if nothing is published for these steps and classes.

    Args:
        steps: raw ids of each step.
        setting: sequential steps have the images of disjoint ones.
        classes: of the dataset; its names decide which dataset it is.
    """
    names = tuple(classes.names.values())
    if names == VOC_NAMES:
        tables = VOC_OVERLAP if setting == "overlap" else VOC_DISJOINT
        return _of_steps(steps, VOC_SCHEDULES, tables)
    if names == ADE20K_NAMES and setting == "overlap":
        return _of_steps(steps, ADE20K_SCHEDULES, ADE20K_OVERLAP)
    return None


def count_differences(found: Sequence[int], published: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (step, images found, images published) of each step whose numbers differ."""
    pairs = zip(found, published, strict=True)
    return [(index, own, wanted) for index, (own, wanted) in enumerate(pairs) if own != wanted]


def _of_steps(steps: Steps, schedules: Mapping[str, Steps], tables: Mapping[str, Counts]) -> Counts | None:
    return next((counts for name, counts in tables.items() if schedules[name] == steps), None)
