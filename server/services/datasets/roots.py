"""The folders that datasets may be in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from core.data.catalog import ADAPTERS, AdapterEntry
from core.errors import CoreError, Fault
from core.experiment import PathCheck
from core.server_path import PlacedPath, paths_in
from server.schemas.dataset_kinds import DatasetFolder, DatasetRoot, SplitSummary

MAX_FOLDERS = 500
"""Maximum number of folders searched below one root."""
LEVELS = 2
"""Depth of the search for datasets below a root: `root/camvid` and `root/voc/VOC2012`."""


def list_roots(data_roots: Sequence[Path]) -> list[DatasetRoot]:
    """Return the allowed roots, each with the folders below it that an adapter can read."""
    return [
        DatasetRoot(
            path=str(root),
            exists=root.is_dir(),
            folders=[found for folder in _below(root) for found in _recognised(folder)],
        )
        for root in data_roots
    ]


def path_check(data_roots: Sequence[Path]) -> PathCheck:
    """Return the check that every path in a document must pass."""

    def check(placed: PlacedPath) -> Fault | None:
        if not placed.is_declared:
            problem = f"{placed.path!r} looks like a path, but this setting takes none; give another value"
            return Fault(placed.pointer, problem, "path_not_expected")
        return path_fault(placed.path, placed.pointer, data_roots)

    return check


def path_faults(model: BaseModel, pointer: str, data_roots: Sequence[Path]) -> list[Fault]:
    """Return the faults of the paths in the part of a document at `pointer`."""
    check = path_check(data_roots)
    return [fault for placed in paths_in(model, pointer) if (fault := check(placed)) is not None]


def path_fault(path: str, pointer: str, data_roots: Sequence[Path]) -> Fault | None:
    """Return the fault of a server path that a user gave, or None.

    The path, with symbolic links resolved, must be inside an allowed root. The fault does not reveal what exists
    outside the roots, but it names a link inside a root with its target.
    """
    roots = ", ".join(map(str, data_roots))
    way_out = f"move it below one of them, or add its folder to PALIMPSEST_DATA_ROOTS (now {roots})"
    if "\0" in path or not path.startswith("/"):
        problem = f"{path!r} is not an absolute path; {_absolute_way_out(path, data_roots)}"
        return Fault(pointer, problem, "path_not_absolute")
    resolved = Path(os.path.realpath(path))
    if not any(resolved.is_relative_to(os.path.realpath(root)) for root in data_roots):
        reason = _link_out(Path(path), data_roots)
        return Fault(
            pointer, f"{path!r} lies outside the allowed dataset roots{reason}; {way_out}", "path_outside_roots"
        )
    if not _exists(resolved):
        return Fault(
            pointer, f"{path!r} does not exist in the allowed dataset roots ({roots}); check the name", "path_missing"
        )
    return None


def _absolute_way_out(path: str, data_roots: Sequence[Path]) -> str:
    """Say which path to give in place of a relative one, such as `data/camvid` of a preset."""
    if not data_roots:
        return "set PALIMPSEST_DATA_ROOTS to the folder of the datasets, and give a path below it"
    roots = ", ".join(map(str, data_roots))
    name = Path(path).name
    example = data_roots[0] / (name if name.isprintable() and name not in ("", "..") else "NAME")
    return f"give the whole path below an allowed dataset root ({roots}), such as {str(example)!r}"


def _link_out(path: Path, data_roots: Sequence[Path]) -> str:
    """Name the link below a root that leads a path out of all roots, with its target; empty if there is none."""
    root = next((root for root in data_roots if path.is_relative_to(root)), None)
    if root is None:
        return ""
    parts = path.relative_to(root).parts
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        if place.is_symlink():
            target = Path(os.path.normpath(place.parent / place.readlink()))
            further = _link_out(target.joinpath(*parts[depth:]), data_roots)
            return further or f", because {place} is a link to {target}"
    return ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # A name longer than the file system allows cannot exist.
        return False


def _below(root: Path) -> list[Path]:
    """List a root and the folders below it, nearest first, without links that lead out of the root."""
    found, level = [root] if root.is_dir() else [], [root]
    for _ in range(LEVELS):
        level = [child for folder in level for child in _children(folder, root)]
        found += level[: MAX_FOLDERS - len(found)]
    return found


def _children(folder: Path, root: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.is_dir() and not entry.name.startswith(".") and entry.resolve().is_relative_to(root):
            yield entry


def _recognised(folder: Path) -> Iterator[DatasetFolder]:
    for name, entry in ADAPTERS.items():
        splits = list(_splits(entry, folder))
        if splits:
            adapter = entry.load()
            yield DatasetFolder(
                path=str(folder),
                adapter=name,
                num_classes=len(adapter.read_classes(folder).names),
                splits=splits,
                split_names=list(adapter.split_names(folder)),
            )


def _splits(entry: AdapterEntry, folder: Path) -> Iterator[SplitSummary]:
    adapter = entry.load()
    for split in (entry.train_split, entry.eval_split):
        try:
            adapter.read_classes(folder)
            yield SplitSummary(name=split, images=len(adapter.list_pairs(folder, split)))
        except (CoreError, OSError):
            # The folder has another layout, or is not readable.
            continue
