"""The dataset that a stream runs on, opened, and its images that are labelled at the start. Free of torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.data.catalog import FolderDatasetSpec, OpenedDataset, WorldDatasetSpec, open_dataset
from core.data.pairing import PairedFiles
from core.errors import ConfigError
from core.streams.active_rounds import ActiveRoundsStream, draw_initial
from core.streams.catalog import TaskStream

SHOWN_NAMES = 3
"""Images that a message names."""


def open_target(spec: FolderDatasetSpec | WorldDatasetSpec, stream: TaskStream, data_home: Path) -> OpenedDataset:
    """Open the dataset of an experiment; training images that people will label need no label file.

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
    opened = open_dataset(spec, data_home, needs_train_labels=stream.needs_all_labels)
    check_start(stream, opened.train)
    return opened


def check_start(stream: ActiveRoundsStream, train: PairedFiles) -> None:
    """Refuse a start from images that have no label file.

    Raises:
        ConfigError: naming the first of them, their number and the way out.
    """
    first = first_images(stream, train.ids)
    missing = train.without_label(first)
    if missing:
        raise ConfigError(
            f"{len(missing)} of the {len(first)} images that are labelled at the start have no label file: "
            f"{shortened(missing)}; put their labels there, or name a source and set initial_images: 0",
            "/stream/initial_images",
        )


def first_images(stream: ActiveRoundsStream, names: Sequence[str]) -> list[str]:
    """Return the names of the images that are labelled at the start, in the order of the split.

    Args:
        stream: of the experiment.
        names: ids of the target's training images.
    """
    return [names[position] for position in draw_initial(names, stream.initial_images, stream.seed)]


def shortened(names: Sequence[str]) -> str:
    """Return the first names for a message."""
    return ", ".join(names[:SHOWN_NAMES]) + (" …" if len(names) > SHOWN_NAMES else "")
