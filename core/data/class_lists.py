"""Class lists shared by data sets of street scenes, and the mapping of each data set to them (CoaST 2.3).

GTA5, Cityscapes, IDD and Mapillary have published tables; any other data set is mapped by the names of its classes.
Free of torch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from core.data.classes import CITYSCAPES_CATEGORIES, CITYSCAPES_CLASSES, CITYSCAPES_NAMES, ClassTable
from core.data.domain_classes import CONSISTENT_SEVEN, SEVEN_CLASSES, STREET_IDS, StreetDataset
from core.data.faults import DataFaultError, FaultKind
from core.data.label_ids import IdTable, keep_undefined, lookup_table


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


ClassListName = Annotated[Literal["19", "7", "7-consistent"], BeforeValidator(_as_text)]
"""`7-consistent` has one meaning in all data sets, where the published tables of `7` differ."""


@dataclass(frozen=True)
class ClassList:
    """A shared class list.

    Attributes:
        classes: its classes, with ids from 0; there is no background.
        ids: data set -> id in its label files -> class; every other id is ignored.
        members: folded name of a class of any data set -> class.
    """

    classes: ClassTable
    ids: Mapping[StreetDataset, Mapping[int, int]]
    members: Mapping[str, int]


def folded(name: str) -> str:
    """Return a class name in the form used for comparison: lower case, `_` and `-` as spaces."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def _tables(count: Literal[7, 19]) -> dict[StreetDataset, Mapping[int, int]]:
    return {dataset: ids for (dataset, of), ids in STREET_IDS.items() if of == count}


_NINETEEN = {name: train_id for train_id, name in enumerate(CITYSCAPES_NAMES)}
_SEVEN = {CITYSCAPES_NAMES[member]: seven for seven, ids in enumerate(CITYSCAPES_CATEGORIES.values()) for member in ids}
_SEVEN |= {category: seven for seven, category in enumerate(CITYSCAPES_CATEGORIES)}
CLASS_LISTS: Mapping[str, ClassList] = {
    "19": ClassList(CITYSCAPES_CLASSES, _tables(19), _NINETEEN),
    "7": ClassList(SEVEN_CLASSES, _tables(7), _SEVEN),
    "7-consistent": ClassList(SEVEN_CLASSES, CONSISTENT_SEVEN, {**_SEVEN, "terrain": _SEVEN["flat"]}),
}
DEFINED_IDS: Mapping[StreetDataset, int] = {"gta5": 35, "cityscapes": 35, "idd": 40, "mapillary": 66}
"""Ids that the label files of a data set may hold, from 0 on; 255 is unlabelled."""


@cache
def street_table(dataset: StreetDataset, name: str) -> IdTable:
    """Return the (256,) class of each id of a data set's label files; undefined ids stay, so that checks find them."""
    return keep_undefined(lookup_table(CLASS_LISTS[name].ids[dataset]), DEFINED_IDS[dataset])


@cache
def category_table(name: str) -> IdTable:
    """Return the (256,) class of each train id of Cityscapes; ids above 18 stay, so that checks find them."""
    members = CLASS_LISTS[name].members
    return keep_undefined(lookup_table({at: members[one] for at, one in enumerate(CITYSCAPES_NAMES)}), 19)


def named_table(own: ClassTable, name: str, root: Path) -> tuple[ClassTable, IdTable]:
    """Return the classes of a list that a data set has, by name, and the (256,) class of each raw id.

    Args:
        own: classes of the data set.
        name: name of the list.
        root: root of the data set, for messages.

    Raises:
        DataFaultError: when no class is in the list, or two have the same name.
    """
    require_one_id_each(own, root)
    wanted, mapping = CLASS_LISTS[name], _by_name(own, name)
    if not mapping:
        raise DataFaultError(
            FaultKind.BAD_LIST,
            root,
            f"none of its classes ({shortened(list(own.names.values()))}) is in the list of {name} classes "
            f"({shortened(list(wanted.classes.names.values()))}); say in `renamed` what the list calls them",
        )
    return listed_classes(own, name), lookup_table(mapping)


def listed_classes(own: ClassTable, name: str) -> ClassTable:
    """Return the classes of a list that a data set has, by name."""
    wanted, kept = CLASS_LISTS[name], set(_by_name(own, name).values())
    names = {shared: one for shared, one in wanted.classes.names.items() if shared in kept}
    return ClassTable(names, background_id=None, colours=wanted.classes.colours)


def _by_name(own: ClassTable, name: str) -> dict[int, int]:
    members = CLASS_LISTS[name].members
    return {raw_id: members[folded(one)] for raw_id, one in own.names.items() if folded(one) in members}


def require_one_id_each(own: ClassTable, root: Path) -> None:
    """Refuse classes whose names differ only in case and underscores, unless they are declared to be one class.

    Raises:
        DataFaultError: naming the ids.
    """
    alike: dict[str, list[int]] = defaultdict(list)
    for raw_id, name in own.names.items():
        alike[folded(name)].append(raw_id)
    twice = next((ids for name, ids in alike.items() if len(ids) > 1 and name != "unused"), None)
    if twice is not None:
        both = " and ".join(f"{raw_id} {own.names[raw_id]!r}" for raw_id in twice)
        problem = f"ids {both} would be one class, as they are called alike; rename one of them, or write one id"
        raise DataFaultError(FaultKind.BAD_LIST, root, problem)


def shortened(names: Sequence[str], most: int = 7) -> str:
    """Return the first few names, shortened for a message."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
