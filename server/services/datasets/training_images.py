"""The training images of a dataset, and what is known of them without reading one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.data.classes import ClassTable
from core.data.opening import open_dataset, world_folder
from core.data.pairing import PairedFiles
from core.data.presence import ClassPresence, known_presence
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from core.data.stream_target import check_start
from core.streams.active_rounds import ActiveRoundsStream


@dataclass(frozen=True)
class TrainingImages:
    """How many images there are to learn from.

    Attributes:
        count: of the images.
        presence: what they show; None before a scan.
        classes: of the dataset.
        folder, files: where the images lie; None for a world that is not drawn yet.
    """

    count: int
    presence: ClassPresence | None
    classes: ClassTable
    folder: FolderDatasetSpec | None = None
    files: PairedFiles | None = None

    def check_start(self, stream: ActiveRoundsStream) -> None:
        """Raise ConfigError as the core's `check_start`; of a world not drawn yet the number alone is known."""
        stream.check_pool(self.count)
        if self.folder is not None and self.files is not None:
            check_start(self.folder, stream, self.files)


def presence_cache_below(home: Path) -> Path:
    """Return where workers keep the scans of label maps; the worlds that they drew lie beside it."""
    return home / "cache" / "presence"


def training_images(
    spec: FolderDatasetSpec | WorldDatasetSpec, presence_cache: Path, *, needs_labels: bool = True
) -> TrainingImages:
    """Count the images that a dataset lists, and find their scan in the cache.

    No world is drawn here: one that no run has used yet has images, but nobody knows what they show.

    Args:
        spec: of the dataset.
        presence_cache: folder of the scans.
        needs_labels: False where label files may be absent, as in rounds of labelling; see `check_start`.

    Raises:
        DataFaultError: when the folder, a split list, the class table or a listed file is missing or unusable.
    """
    if isinstance(spec, WorldDatasetSpec):
        drawn = world_folder(spec, presence_cache.parent)
        if not Path(drawn.root).is_dir():
            return TrainingImages(spec.train_images, None, spec.class_table)
        spec = drawn
    opened = open_dataset(spec, presence_cache, needs_train_labels=needs_labels)
    train = opened.train
    return TrainingImages(len(train), known_presence(train, presence_cache), opened.classes, spec, train)
