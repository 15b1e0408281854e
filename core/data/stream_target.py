"""The dataset that a stream runs on, opened, and its images that are labelled at the start. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.catalog import ADAPTERS
from core.data.opening import OpenedDataset, open_dataset, world_folder
from core.data.pairing import PairedFiles
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from core.errors import ConfigError, DataError
from core.streams.active_rounds import ActiveRoundsStream, draw_initial
from core.streams.catalog import TaskStream

SHOWN_NAMES = 3
"""Images that a message names."""


def open_target(spec: FolderDatasetSpec | WorldDatasetSpec, stream: TaskStream, data_home: Path) -> OpenedDataset:
    """Open the dataset of an experiment; in rounds, training images whose labels nobody needs may have no label file.

    Args:
        spec: of the experiment.
        stream: of the experiment.
        data_home: as for `open_dataset`.

    Raises:
        ConfigError: when the images that are labelled at the start cannot be had.
        DataFaultError: as `open_dataset`.
    """
    if not isinstance(stream, ActiveRoundsStream):
        return open_dataset(spec, data_home)
    opened = open_dataset(spec, data_home, needs_train_labels=False)
    check_start(folder_of(spec, data_home), stream, opened.train)
    return opened


def folder_of(spec: FolderDatasetSpec | WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return where a dataset lies; a world need not be drawn yet."""
    return world_folder(spec, data_home) if isinstance(spec, WorldDatasetSpec) else spec


def check_start(folder: FolderDatasetSpec, stream: ActiveRoundsStream, train: PairedFiles) -> None:
    """Refuse first images that are not there, budgets that the others cannot meet, and label files that are missing.

    Those of the first images are needed, and those of all where an oracle answers.

    Raises:
        ConfigError: naming the first of them, their number and the way out.
    """
    first = first_images(folder, stream, train.ids)
    stream.check_pool(len(train), len(first))
    unlabelled = train.without_label(train.ids) if stream.needs_all_labels else []
    if unlabelled:
        raise ConfigError(
            f"{len(unlabelled)} of the {len(train)} training images have no label file, and ground truth is to answer: "
            f"{shortened(unlabelled)}; put their labels there, or let people answer with oracle: none",
            "/stream/oracle",
        )
    missing = train.without_label(first)
    if missing:
        raise ConfigError(
            f"{len(missing)} of the {len(first)} images that are labelled at the start have no label file: "
            f"{shortened(missing)}; put their labels there, name labelled images in initial_list, or name a source "
            "and set initial_images: 0",
            "/stream/initial_list" if stream.initial_list else "/stream/initial_images",
        )


def first_images(folder: FolderDatasetSpec, stream: ActiveRoundsStream, names: Sequence[str]) -> list[str]:
    """Return the names of the images that are labelled at the start, in the order of the split: listed, or drawn.

    Args:
        folder: of the target.
        stream: of the experiment.
        names: ids of the target's training images.

    Raises:
        ConfigError: when the list cannot be read, or names what the target has not.
    """
    if not stream.initial_list:
        return [names[position] for position in draw_initial(names, stream.initial_images, stream.seed)]
    listed, there = listed_images(folder, stream.initial_list), set(names)
    strangers = [name for name in listed if name not in there]
    if strangers:
        raise ConfigError(
            f"the list {stream.initial_list} names {len(strangers)} of {len(listed)} images that are not among the "
            f"{len(names)} training images of the target: {shortened(strangers)}; choose another list or train_split",
            "/stream/initial_list",
        )
    wanted = set(listed)
    return [name for name in names if name in wanted]


def listed_images(folder: FolderDatasetSpec, name: str) -> list[str]:
    """Return the images of a list of a dataset: a split's, that of `lists/NAME.txt`, or of a built-in one.

    Raises:
        ConfigError: when there is no such list, or it cannot be read.
    """
    try:
        return [pair.id for pair in ADAPTERS[folder.adapter].load().list_pairs(Path(folder.root), name)]
    except DataError as error:
        raise ConfigError(str(error), "/stream/initial_list") from error


def shortened(names: Sequence[str]) -> str:
    """Return the first names for a message."""
    return ", ".join(names[:SHOWN_NAMES]) + (" …" if len(names) > SHOWN_NAMES else "")
