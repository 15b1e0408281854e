"""The published class schedules as tables (EIR 2.3). Free of torch.

A schedule is a tuple of steps; a step is a tuple of raw class ids in learning order. `A-B` means A classes first, then
B a step, in id order; `15-1_b` … `15-1_w` are 15-1 in other class orders.
"""

from __future__ import annotations

from core.errors import nearest

Steps = tuple[tuple[int, ...], ...]


def in_id_order(first: int, per_step: int, num_classes: int) -> Steps:
    """Return the steps of `first-per_step` over the classes 1 … num_classes; the last step takes the rest."""
    ids = tuple(range(1, num_classes + 1))
    later = range(first, num_classes, per_step)
    return (ids[:first], *(ids[start : start + per_step] for start in later))


_ORDERS_OF_15_1 = {
    "b": ("12 9 20 7 15 8 14 16 5 19 4 1 13 2 11", "17 3 6 18 10"),
    "c": ("13 19 15 17 9 8 5 20 4 3 10 11 18 16 7", "12 14 6 1 2"),
    "d": ("15 3 2 12 14 18 20 16 11 1 19 8 10 7 17", "6 5 13 9 4"),
    "e": ("7 5 3 9 13 12 14 19 10 2 1 4 16 8 17", "15 18 6 11 20"),
    "f": ("7 13 5 11 9 2 15 12 14 3 20 1 16 4 18", "8 6 10 19 17"),
    "g": ("7 5 9 1 15 18 14 3 20 10 4 19 11 17 16", "12 8 6 2 13"),
    "h": ("12 9 19 6 4 10 5 18 14 15 16 3 8 7 11", "13 2 20 17 1"),
    "i": ("13 10 15 8 7 19 4 3 16 12 14 11 5 20 6", "2 18 9 17 1"),
    "j": ("1 14 9 5 2 15 8 20 6 16 18 7 11 10 19", "3 4 17 12 13"),
    "k": ("16 13 1 11 12 18 6 14 5 3 7 9 20 19 15", "4 2 10 8 17"),
    "l": ("10 7 6 19 16 8 17 1 14 4 9 3 15 11 12", "2 18 20 13 5"),
    "m": ("18 4 14 17 12 10 7 3 9 1 8 15 6 13 2", "5 11 20 16 19"),
    "n": ("5 4 13 18 14 10 19 15 7 9 3 2 8 16 20", "1 12 11 6 17"),
    "o": ("9 12 13 18 7 1 15 17 10 8 4 5 20 16 6", "14 19 11 2 3"),
    "p": ("9 12 13 18 2 11 15 17 10 8 4 5 20 16 6", "14 19 1 7 3"),
    "q": ("3 14 13 18 2 11 15 17 10 8 4 5 20 16 6", "12 19 1 7 9"),
    "r": ("3 14 13 1 2 11 15 17 7 8 4 5 9 16 19", "12 6 18 10 20"),
    "s": ("3 14 6 1 2 11 12 17 7 20 4 5 9 16 19", "15 13 18 10 8"),
    "t": ("3 15 13 1 2 11 18 17 7 20 8 5 9 16 19", "14 6 12 10 4"),
    "u": ("3 15 13 14 6 11 18 17 7 20 8 4 9 16 10", "1 2 12 19 5"),
    "v": ("1 2 12 14 6 19 18 17 5 20 8 4 9 16 10", "3 15 13 11 7"),
    "w": ("1 2 12 14 13 19 18 7 11 20 8 4 9 16 10", "3 15 6 5 17"),
}


def _ids(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


_VOC_SIZES = {
    "19-1": (19, 1),
    "15-5": (15, 5),
    "15-1": (15, 1),
    "10-1": (10, 1),
    "10-5": (10, 5),
    "10-10": (10, 10),
    "5-3": (5, 3),
    # The published code has three copies of this for memory-size studies; here memory size is an option.
    "5-3-60": (5, 3),
    "5-3-140": (5, 3),
    "5-3-180": (5, 3),
    "5-1": (5, 1),
    "2-1": (2, 1),
    "2-2": (2, 2),
}

VOC_SCHEDULES: dict[str, Steps] = {
    "joint": in_id_order(20, 1, 20),
    **{name: in_id_order(first, per_step, 20) for name, (first, per_step) in _VOC_SIZES.items()},
    **{
        f"15-1_{letter}": (_ids(base), *((class_id,) for class_id in _ids(later)))
        for letter, (base, later) in _ORDERS_OF_15_1.items()
    },
}

ADE20K_SCHEDULES: dict[str, Steps] = {
    "joint": in_id_order(150, 1, 150),
    "100-50": in_id_order(100, 50, 150),
    "100-10": in_id_order(100, 10, 150),
    "100-5": in_id_order(100, 5, 150),
    "50-50": in_id_order(50, 50, 150),
}

SCHEDULES: dict[str, Steps] = {
    **{f"ade20k/{name}": steps for name, steps in ADE20K_SCHEDULES.items()},
    **{name: steps for name, steps in ADE20K_SCHEDULES.items() if name not in VOC_SCHEDULES},
    **{f"voc/{name}": steps for name, steps in VOC_SCHEDULES.items()},
    **VOC_SCHEDULES,
}
"""Every schedule name: without the dataset where that is unambiguous (`joint` is VOC's), or with it in front."""


def named_schedule(name: str) -> Steps:
    """Return the steps of a published schedule.

    Raises:
        ValueError: when there is no schedule of that name; the message proposes the nearest.
    """
    if name not in SCHEDULES:
        raise ValueError(f"there is no schedule {name!r}{nearest(name, SCHEDULES)}")
    return SCHEDULES[name]
