"""Groups of images that share a labelling budget, such as cities. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.catalog import ADAPTERS
from core.data.faults import DataFaultError, FaultKind
from core.data.file_names import composed
from core.data.specs import FolderDatasetSpec
from core.data.split_lists import GROUPS_FILE, read_split_list

LAYOUT = "one image a line, its id and its group, as in `0001TP_006690 dusk`"


def groups_of(folder: FolderDatasetSpec, names: Sequence[str]) -> list[str]:
    """Return the group of each image, from `groups.txt` in the root, or else from the id by the layout's rule.

    Args:
        folder: folder spec of the dataset.
        names: ids of images.

    Raises:
        DataFaultError: when `groups.txt` cannot be read, has a line without a group, names an image twice, or leaves
            out one of `names`.
    """
    listed_in = Path(folder.root) / GROUPS_FILE
    if not listed_in.exists():
        entry = ADAPTERS[folder.adapter]
        return [entry.group_of(name) for name in names]
    group_of = _read_groups(listed_in, Path(folder.root))
    missing = [name for name in names if name not in group_of]
    if missing:
        problem = f"gives no group to {len(missing)} of {len(names)} images, such as {missing[0]}; list every image"
        raise DataFaultError(FaultKind.BAD_LIST, listed_in, problem)
    return [group_of[name] for name in names]


def _read_groups(listed_in: Path, root: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in read_split_list(listed_in, root):
        name, *rest = line.rsplit(maxsplit=1)
        name = composed(name)
        if not rest:
            raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"the line {line!r} has no group; write {LAYOUT}")
        if name in found:
            raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"names {name!r} twice; an image is in one group")
        found[name] = rest[0]
    return found
