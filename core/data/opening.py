"""Datasets opened: their splits, and worlds drawn where they are not there yet. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.data.catalog import ADAPTERS, WORLDS
from core.data.classes import ClassTable
from core.data.pairing import PairedFiles
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from core.data.worlds.materialised import materialised_once


@dataclass(frozen=True)
class OpenedDataset:
    """Both splits of a dataset, and what their raw ids mean."""

    train: PairedFiles
    eval: PairedFiles
    classes: ClassTable


def open_dataset(
    spec: FolderDatasetSpec | WorldDatasetSpec, data_home: Path, *, needs_train_labels: bool = True
) -> OpenedDataset:
    """Open a dataset; a world is first written to disk where it is not there yet.

    Args:
        spec: what to open.
        data_home: folder for what is made from specs; worlds go to `worlds/`.
        needs_train_labels: False where label files of training images may be absent, as in rounds of labelling.

    Raises:
        DataFaultError: when the folder, a split list, the class table or a listed file is missing or unusable.
    """
    if isinstance(spec, WorldDatasetSpec):
        spec = on_disk(spec, data_home)
    root, adapter = Path(spec.root), ADAPTERS[spec.adapter].load()
    classes = adapter.read_classes(root)
    train, evaluation = (
        PairedFiles(adapter.list_pairs(root, split), classes, adapter.read_label, needs_labels=needs_labels, root=root)
        for split, needs_labels in ((spec.train_split, needs_train_labels), (spec.eval_split, True))
    )
    return OpenedDataset(train, evaluation, classes)


def on_disk(spec: WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return the folder of a world, writing it first where it is not there yet.

    Any number of processes may ask at once: one writes, the others wait for it.
    """
    folder = world_folder(spec, data_home)
    materialised_once(Path(folder.root), lambda aside: WORLDS[spec.world].load().materialise(spec, aside))
    return folder


def world_folder(spec: WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return where a world lies once it is drawn."""
    root = data_home / "worlds" / f"{spec.world}-{spec.digest()}"
    train, evaluation = spec.splits
    return FolderDatasetSpec.model_validate(
        {"adapter": spec.adapter, "root": str(root), "train_split": train, "eval_split": evaluation}
    )


def dataset_classes(spec: FolderDatasetSpec | WorldDatasetSpec) -> ClassTable:
    """Return a dataset's class table without opening or drawing anything.

    Raises:
        DataFaultError: when a folder is missing or its class table unusable.
    """
    if isinstance(spec, WorldDatasetSpec):
        return spec.class_table
    return ADAPTERS[spec.adapter].load().read_classes(Path(spec.root))


def group_of(spec: FolderDatasetSpec | WorldDatasetSpec, name: str) -> str:
    """Return the group of an image by its id; see `AdapterEntry`."""
    return ADAPTERS[spec.adapter].group_of(name)
