"""The images of a target that are labelled before the first round: drawn by a seed, or listed. Free of torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.catalog import ADAPTERS
from core.data.pairing import PairedFiles
from core.data.specs import FolderDatasetSpec
from core.errors import ConfigError, DataError

SHOWN_NAMES = 3
"""Number of images that a message names."""


@dataclass(frozen=True)
class FirstImages:
    """How the first images are chosen.

    Attributes:
        count: how many images are drawn.
        seed: seed of the draw.
        listed_in: name of the list of images to use instead; empty if they are drawn.
    """

    count: int
    seed: int
    listed_in: str = ""

    @property
    def pointer(self) -> str:
        """JSON pointer of the setting that decides the images."""
        return "/stream/initial_list" if self.listed_in else "/stream/initial_images"


def require_labels(first: FirstImages, names: Sequence[str], train: PairedFiles) -> None:
    """Refuse first images without a label file.

    Args:
        first: how the images are chosen.
        names: ids of the first images.
        train: training images of the target.

    Raises:
        ConfigError: naming the first such image, their number and the way out.
    """
    missing = train.without_label(names)
    if missing:
        raise ConfigError(
            f"{len(missing)} of the {len(names)} images that are labelled at the start have no label file: "
            f"{shortened(missing)}; put their labels there, name labelled images in initial_list, or name a source "
            "and set initial_images: 0",
            first.pointer,
        )


def first_images(folder: FolderDatasetSpec, first: FirstImages, names: Sequence[str]) -> list[str]:
    """Return the names of the images that are labelled at the start, in the order of the split.

    Args:
        folder: folder spec of the target.
        first: how the images are chosen.
        names: ids of the target's training images.

    Raises:
        ConfigError: when the list cannot be read, or names an image that the target lacks.
    """
    if not first.listed_in:
        return [names[position] for position in draw_initial(names, first.count, first.seed)]
    listed, there = listed_images(folder, first.listed_in), set(names)
    strangers = [name for name in listed if name not in there]
    if strangers:
        raise ConfigError(
            f"the list {first.listed_in} names {len(strangers)} of {len(listed)} images that are not among the "
            f"{len(names)} training images of the target: {shortened(strangers)}; choose another list or train_split",
            first.pointer,
        )
    wanted = set(listed)
    return [name for name in names if name in wanted]


def draw_initial(names: Sequence[str], count: int, seed: int) -> list[int]:
    """Return the positions of the images that are labelled at the start, ascending.

    Images are ordered by a hash of seed and name, so an image's rank does not depend on other images.

    Args:
        names: ids of the target's training images.
        count: number of images.
        seed: seed of the stream.
    """

    def key(position: int) -> bytes:
        return hashlib.blake2b(f"{seed}/{names[position]}".encode(), digest_size=16).digest()

    return sorted(sorted(range(len(names)), key=key)[:count])


def listed_images(folder: FolderDatasetSpec, name: str) -> list[str]:
    """Return the images of a dataset's list: a split, `lists/NAME.txt`, or a built-in list.

    Raises:
        ConfigError: when the list does not exist or cannot be read.
    """
    try:
        return [pair.id for pair in ADAPTERS[folder.adapter].load().list_pairs(Path(folder.root), name)]
    except DataError as error:
        raise ConfigError(str(error), "/stream/initial_list") from error


def shortened(names: Sequence[str]) -> str:
    """Return the first few names, shortened for a message."""
    return ", ".join(names[:SHOWN_NAMES]) + (" …" if len(names) > SHOWN_NAMES else "")
