"""Lists of image names: in a dataset's own folder, and built-in published ones. Free of torch."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import Pair
from core.data.plain_files import MAX_LIST_BYTES, Confines, read_plainly

BUILT_IN = Path(__file__).parent / "lists"
"""`ADAPTER/NAME.txt`; those of STAL: 30, 65 and 150 target images for each source, and 2,000 images of each source."""
GROUPS_FILE = "groups.txt"
"""Not a split: the file with the group of each image; see `core.data.groups`."""
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_split_list(path: Path, root: Path) -> list[str]:
    """Return the lines of a split list, without blank lines and byte order mark.

    Args:
        path: path of the list.
        root: root of the dataset; the list must lie inside it.

    Raises:
        DataFaultError: when the list is missing, no plain file of the root, is not text, or is empty.
    """
    Confines(root).require(path)
    try:
        text = _text(read_plainly(path, MAX_LIST_BYTES))
    except DataFaultError as fault:
        if fault.kind is not FaultKind.MISSING_FILE:
            raise
        there = ", ".join(listed_splits(path.parent)) or "none"
        raise DataFaultError(FaultKind.BAD_LIST, path, f"the split does not exist; splits there: {there}") from None
    except (OSError, UnicodeError) as error:
        problem = f"cannot be read as a list of names ({error}); save it as UTF-8 text"
        raise DataFaultError(FaultKind.BAD_LIST, path, problem) from None
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise DataFaultError(FaultKind.EMPTY, path, "lists no image; write one name a line")
    return names


def read_named_list(adapter: str, root: Path, name: str) -> tuple[list[str], Path]:
    """Return the lines of `lists/NAME.txt` below a root, else of the adapter's built-in list, and the list's path.

    Raises:
        DataFaultError: when there is no such list, or it is empty.
    """
    own, built_in = root / "lists" / f"{name}.txt", BUILT_IN / adapter / f"{name}.txt"
    if own.exists():
        return read_split_list(own, root), own
    if built_in.is_file():
        return read_split_list(built_in, BUILT_IN), built_in
    there = ", ".join(listed_splits(own.parent)) or "none"
    problem = f"the split does not exist; splits there: {there}; built in: {', '.join(built_in_lists(adapter))}"
    raise DataFaultError(FaultKind.BAD_LIST, own, problem)


def listed_splits(folder: Path) -> list[str]:
    """Return the names of the lists in a folder, in order; the lists are not opened."""
    return sorted(path.stem for path in folder.glob("*.txt") if path.name != GROUPS_FILE)


def named_lists(adapter: str, root: Path) -> list[str]:
    """Return the names that `read_named_list` finds: those of `lists` below a root and the built-in ones, in order."""
    return sorted({*listed_splits(root / "lists"), *built_in_lists(adapter)})


def built_in_lists(adapter: str) -> list[str]:
    """Return the names of an adapter's built-in lists."""
    return sorted(path.stem for path in (BUILT_IN / adapter).glob("*.txt"))


def require_distinct(pairs: Sequence[Pair], listed_in: Path) -> None:
    """Refuse a split that names an item twice.

    Raises:
        DataFaultError: naming the first repeated id.
    """
    seen: set[str] = set()
    for pair in pairs:
        if pair.id in seen:
            raise DataFaultError(
                FaultKind.BAD_LIST, listed_in, f"names {pair.id!r} twice; every item needs its own name"
            )
        seen.add(pair.id)


def inside(folder: Path, name: str, listed_in: Path) -> Path:
    """Return `folder / name` for a name from a list.

    Raises:
        DataFaultError: when the name leads out of the folder.
    """
    # Split by hand: a list has thousands of names, and a `PurePath` for each would take most of the time.
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        raise DataFaultError(FaultKind.BAD_LIST, listed_in, f"the name {name!r} leads out of {folder}")
    return folder.joinpath(*parts)


def _text(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 with a byte order mark, which some editors write."""
    return data.decode("utf-16" if data.startswith(_WIDE_MARKS) else "utf-8-sig")
