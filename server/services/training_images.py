"""The training images of a dataset, and what is known of them without reading one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.data.catalog import FolderDatasetSpec, WorldDatasetSpec, open_dataset, world_folder
from core.data.presence import ClassPresence, known_presence


@dataclass(frozen=True)
class TrainingImages:
    """How many images there are to learn from; `presence` says what they show, or is None before a scan."""

    count: int
    presence: ClassPresence | None


def presence_cache_below(home: Path) -> Path:
    """Return where workers keep the scans of label maps; the worlds that they drew lie beside it."""
    return home / "cache" / "presence"


def training_images(spec: FolderDatasetSpec | WorldDatasetSpec, presence_cache: Path) -> TrainingImages:
    """Count the images that a dataset lists, and find their scan in the cache.

    No world is drawn here: one that no run has used yet has images, but nobody knows what they show.

    Raises:
        DataFaultError: when the folder, a split list, the class table or a listed file is missing or unusable.
    """
    if isinstance(spec, WorldDatasetSpec):
        drawn = world_folder(spec, presence_cache.parent)
        if not Path(drawn.root).is_dir():
            return TrainingImages(spec.train_images, None)
        spec = drawn
    train = open_dataset(spec, presence_cache).train
    return TrainingImages(len(train), known_presence(train, presence_cache))
