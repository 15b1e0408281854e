"""Opening the splits of datasets, and drawing worlds that are not on disk yet. Free of torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from core.data.catalog import ADAPTERS, WORLDS
from core.data.classes import ClassTable
from core.data.label_reading import label_reading
from core.data.pairing import PairedFiles
from core.data.samples import DenseDataset
from core.data.specs import BOTH_SPLITS, FolderDatasetSpec, SplitRole, WorldDatasetSpec
from core.data.worlds.materialised import materialised_once

D_co = TypeVar("D_co", bound=DenseDataset, covariant=True)


@dataclass(frozen=True)
class OpenedDataset(Generic[D_co]):
    """A dataset whose splits can be read.

    Attributes:
        folder: folder of the dataset; a world is already drawn there.
        classes: meaning of its raw ids.
        splits: the splits that were opened.
    """

    folder: FolderDatasetSpec
    classes: ClassTable
    splits: Mapping[SplitRole, D_co]

    @property
    def train(self) -> D_co:
        """The training split; raises KeyError when it was not opened."""
        return self.splits["train"]

    @property
    def eval(self) -> D_co:
        """The test split; raises KeyError when it was not opened."""
        return self.splits["eval"]


def open_dataset(
    spec: FolderDatasetSpec | WorldDatasetSpec,
    data_home: Path,
    *,
    splits: Collection[SplitRole] = BOTH_SPLITS,
    labelled: Collection[SplitRole] = BOTH_SPLITS,
) -> OpenedDataset[PairedFiles]:
    """Open a dataset; first write a world to disk if it is not there yet.

    Args:
        spec: the dataset.
        data_home: folder for generated data; worlds go to `worlds/`.
        splits: the splits to open; no other needs to exist.
        labelled: splits in which every image needs a label file; elsewhere label files may be absent, as in rounds.

    Raises:
        DataFaultError: when the folder, a split list, the class table or a listed file is missing or unusable.
    """
    if isinstance(spec, WorldDatasetSpec):
        spec = on_disk(spec, data_home)
    root, entry = Path(spec.root), ADAPTERS[spec.adapter]
    adapter, reading = entry.load(), label_reading(spec)
    names: dict[SplitRole, str] = {"train": spec.train_split, "eval": spec.eval_split}
    opened = {
        role: PairedFiles(
            adapter.list_pairs(root, name),
            reading.classes,
            reading.decode,
            kind=entry.samples,
            needs_labels=role in labelled,
            root=root,
        )
        for role, name in names.items()
        if role in splits
    }
    return OpenedDataset(spec, reading.classes, opened)


def on_disk(spec: WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return the folder of a world; first write the world if it is not there yet.

    Any number of processes may call this at once: one writes, the others wait.
    """
    folder = world_folder(spec, data_home)
    materialised_once(Path(folder.root), lambda aside: WORLDS[spec.world].load().materialise(spec, aside))
    return folder


def world_folder(spec: WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return the folder of a world, whether or not it is drawn yet."""
    root = data_home / "worlds" / f"{spec.world}-{spec.digest()}"
    train, evaluation = spec.splits
    return FolderDatasetSpec.model_validate(
        {
            "adapter": spec.adapter,
            "root": str(root),
            "train_split": train,
            "eval_split": evaluation,
            "class_list": getattr(spec, "class_list", None),
        }
    )


def folder_of(spec: FolderDatasetSpec | WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return the folder of a dataset; a world need not be drawn yet."""
    return world_folder(spec, data_home) if isinstance(spec, WorldDatasetSpec) else spec


def dataset_classes(spec: FolderDatasetSpec | WorldDatasetSpec) -> ClassTable:
    """Return a dataset's class table without opening or drawing anything.

    Raises:
        DataFaultError: when a folder is missing or its class table unusable.
    """
    if isinstance(spec, WorldDatasetSpec):
        return spec.class_table
    return label_reading(spec).classes
