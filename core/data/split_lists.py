"""Lists of images by name: those in a dataset's own folder, and published ones that are built in. Free of torch."""

from __future__ import annotations

from pathlib import Path

from core.data.faults import DataFaultError, FaultKind
from core.data.pairing import read_split_list

BUILT_IN = Path(__file__).parent / "lists"
"""`ADAPTER/NAME.txt`; those of STAL: 30, 65 and 150 target images for each source, and 2,000 images of each source."""


def read_named_list(adapter: str, root: Path, name: str) -> tuple[list[str], Path]:
    """Return the lines of `lists/NAME.txt` below a root, else of the adapter's built-in list, and where they stand.

    Raises:
        DataFaultError: when there is neither, or the list is empty.
    """
    own, built_in = root / "lists" / f"{name}.txt", BUILT_IN / adapter / f"{name}.txt"
    if own.exists():
        return read_split_list(own), own
    if built_in.is_file():
        return read_split_list(built_in), built_in
    there = ", ".join(sorted(path.stem for path in own.parent.glob("*.txt"))) or "none"
    problem = f"the split does not exist; splits there: {there}; built in: {', '.join(built_in_lists(adapter))}"
    raise DataFaultError(FaultKind.BAD_LIST, own, problem)


def built_in_lists(adapter: str) -> list[str]:
    """Return the names of an adapter's built-in lists."""
    return sorted(path.stem for path in (BUILT_IN / adapter).glob("*.txt"))
