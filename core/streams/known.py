"""Collecting facts about the datasets that a stream declares, and opening their files. Free of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.opening import OpenedDataset, dataset_classes, open_dataset, world_folder
from core.data.pairing import PairedFiles
from core.data.presence import ClassPresence, known_presence
from core.data.specs import WorldDatasetSpec
from core.errors import ConfigErrors, DataError, Fault
from core.streams.base import DatasetUse, KnownDataset, TaskStream, main_name

T = TypeVar("T")


def class_tables(uses: Mapping[str, DatasetUse]) -> dict[str, ClassTable]:
    """Return the class table of each dataset by name, without opening or drawing anything.

    Raises:
        DataError: when the table of the experiment's own dataset cannot be read.
        ConfigError: when another dataset's cannot, pointing at it; if several cannot, with a fault for each.
    """
    return _of_each(uses, lambda use: dataset_classes(use.spec))


def main_classes(stream: TaskStream, main: DatasetSpec) -> ClassTable:
    """Return the classes of an experiment's own dataset, by the class list of its stream.

    Raises:
        DataFaultError: when the folder is missing or its class table unusable.
    """
    uses = stream.datasets(main)
    return dataset_classes(uses[main_name(uses)].spec)


def known_datasets(uses: Mapping[str, DatasetUse], data_home: Path, cache: Path) -> dict[str, KnownDataset]:
    """Return the facts about each dataset by name, without drawing a world or reading an image.

    Args:
        uses: datasets of the stream.
        data_home: folder of the worlds that are drawn.
        cache: folder of the scans.

    Raises:
        DataError, OSError: when files of the experiment's own dataset are missing or unusable.
        ConfigError: when those of another dataset are, pointing at it; if several, with a fault for each.
    """
    return _of_each(uses, lambda use: known_dataset(use, data_home, cache))


def _of_each(uses: Mapping[str, DatasetUse], read: Callable[[DatasetUse], T]) -> dict[str, T]:
    """Call `read` for each dataset, and report all datasets that cannot be read in one error."""
    found: dict[str, T] = {}
    failed: list[tuple[DatasetUse, DataError | OSError]] = []
    for name, use in uses.items():
        try:
            found[name] = read(use)
        except (DataError, OSError) as error:
            failed.append((use, error))
    if not failed:
        return found
    first, cause = failed[0]
    if len(failed) == 1 and first.is_main:
        raise cause
    told = [(f"{use.pointer}/root", str(why), "data_error" if use.is_main else "config_error") for use, why in failed]
    raise ConfigErrors([Fault(*one) for one in told]) from cause


def known_dataset(use: DatasetUse, data_home: Path, cache: Path) -> KnownDataset:
    """Return the facts about one dataset; see `known_datasets`.

    Raises:
        DataFaultError: when the folder, a split list, the class table or a listed file is missing or unusable.
    """
    if isinstance(use.spec, WorldDatasetSpec) and not Path(world_folder(use.spec, data_home).root).is_dir():
        return KnownDataset(use.spec.train_images)
    opened = open_use(use, data_home)
    return known_of(opened, known_presence(opened.train, cache) if "train" in opened.splits else None)


def open_use(use: DatasetUse, data_home: Path) -> OpenedDataset[PairedFiles]:
    """Open the splits of a dataset that are read; first write a world to disk if it is not there yet.

    Raises:
        DataFaultError: as in `open_dataset`.
    """
    return open_dataset(use.spec, data_home, splits=use.splits, labelled=use.labelled_splits)


def known_of(opened: OpenedDataset[PairedFiles], presence: ClassPresence | None = None) -> KnownDataset:
    """Return the facts about an opened dataset; it has no training images if that split is not read."""
    train = opened.splits.get("train")
    return KnownDataset(
        0 if train is None else len(train), presence, opened.folder, train, eval=opened.splits.get("eval")
    )
