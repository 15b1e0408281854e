"""The tables of dataset adapters and of built-in worlds. Free of torch.

Code is named by dotted path, so reading the tables loads nothing; a test resolves every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

from core.data.classes import ClassTable
from core.data.faults import DataFaultError
from core.data.label_ids import IdTable
from core.data.pairing import Decode, ItemDecode, Pair
from core.data.samples import SampleKind, Truth


class Adapter(Protocol):
    """What an adapter module offers; every function raises DataFaultError."""

    def read_classes(self, root: Path) -> ClassTable:
        """Return the class table of a root."""

    def split_names(self, root: Path) -> Sequence[str]:
        """Return the names of the splits that a root seems to have, in order; the splits are not opened."""

    def list_pairs(self, root: Path, split: str) -> Sequence[Pair]:
        """Return the image and label files of a split, in order; they need not exist."""

    def read_label(self, path: Path) -> Truth:
        """Return what a label file says of its image, of the kind that the adapter's row declares."""


@runtime_checkable
class DoubtingAdapter(Protocol):
    """An adapter that can tell from all labels of a split that they are not what they are called."""

    def doubt(self, pairs: Sequence[Pair]) -> DataFaultError | None:
        """Return what is wrong with the labels of a split as a whole; files that cannot be read are left out."""


@runtime_checkable
class ListedAdapter(Protocol):
    """An adapter whose label files, 8-bit index images, have published tables to the shared class lists."""

    def table_of(self, path: Path, name: str) -> IdTable:
        """Return the (256,) class of each id that a label file holds, by a list of `core.data.class_lists`."""


@runtime_checkable
class SharedLabelAdapter(Protocol):
    """An adapter whose label files each tell of several images."""

    def read_item(self, pair: Pair) -> Truth:
        """Return what the label file of a pair says of its image; raises DataFaultError."""


@runtime_checkable
class ObjectListingAdapter(Protocol):
    """An adapter that knows the objects of an image without drawing them."""

    def object_classes(self, pair: Pair) -> frozenset[int]:
        """Return the raw ids of the objects of an image that are no crowds; raises DataFaultError."""


def reader_of(adapter: Adapter) -> Decode:
    """Return how the truths of an adapter's items are read."""
    return ItemDecode(adapter.read_item) if isinstance(adapter, SharedLabelAdapter) else adapter.read_label


class World(Protocol):
    """What a world's module offers besides the form of its spec."""

    def materialise(self, spec: Any, folder: Path) -> None:
        """Write the world into an empty folder, in the layout of its adapter."""


@dataclass(frozen=True)
class AdapterEntry:
    """One row of `ADAPTERS`: what people read, the module, the usual splits, and the kind of samples it yields.

    Images whose ids begin alike, up to `group_separator`, are a group that shares a labelling budget, such as a city;
    a root may say otherwise (`core.data.groups`).
    """

    title: str
    module: str
    train_split: str
    eval_split: str
    group_separator: str = ""
    samples: SampleKind = SampleKind.DENSE

    def group_of(self, name: str) -> str:
        """Return the group of an image; all are in one where the layout knows none."""
        first, separator, _ = name.partition(self.group_separator or "\0")
        return first if separator else ""

    def load(self) -> Adapter:
        """Import the adapter."""
        return cast(Adapter, import_module(self.module))


@dataclass(frozen=True)
class WorldEntry:
    """One row of `WORLDS`: what people read, the module, its spec's class in it, and a version.

    The version is part of the folder's name: raise it when the same spec would be drawn differently.
    """

    title: str
    module: str
    spec: str
    version: int

    def load(self) -> World:
        """Import the module."""
        return cast(World, import_module(self.module))

    def load_spec(self) -> type[Any]:
        """Return the form of the world's spec, a `WorldDatasetSpec`."""
        return cast(type[Any], getattr(import_module(self.module), self.spec))


ADAPTERS: dict[str, AdapterEntry] = {
    "voc": AdapterEntry("PASCAL VOC 2012 layout", "core.data.adapters.voc", train_split="train_aug", eval_split="val"),
    "folder": AdapterEntry(
        "Images, index PNGs and classes.json",
        "core.data.adapters.folder",
        train_split="train",
        eval_split="val",
        group_separator="/",
    ),
    "coco": AdapterEntry(
        "Instances in COCO's layout",
        "core.data.adapters.coco",
        train_split="train2017",
        eval_split="val2017",
        samples=SampleKind.INSTANCES,
    ),
    "graspnet": AdapterEntry(
        "GraspNet-1Billion, open-set splits",
        "core.data.adapters.graspnet",
        train_split="train",
        eval_split="test_1",
        samples=SampleKind.INSTANCES,
    ),
    "cityscapes": AdapterEntry(
        "Cityscapes, fine labels",
        "core.data.adapters.cityscapes",
        train_split="train",
        eval_split="val",
        group_separator="_",
    ),
    "gta5": AdapterEntry("GTA5", "core.data.adapters.gta5", train_split="all", eval_split="all"),
    "idd": AdapterEntry(
        "India Driving Dataset",
        "core.data.adapters.idd",
        train_split="train",
        eval_split="val",
        group_separator="/",
    ),
    "mapillary": AdapterEntry(
        "Mapillary Vistas v1.2",
        "core.data.adapters.mapillary",
        train_split="train",
        eval_split="validation",
    ),
    "synthia": AdapterEntry("SYNTHIA", "core.data.adapters.synthia", train_split="all", eval_split="all"),
    "sam-domain": AdapterEntry(
        "Binary masks by domain, with domains.yaml",
        "core.data.adapters.sam_domain",
        train_split="train",
        eval_split="test",
        samples=SampleKind.BINARY,
    ),
}
WORLDS: dict[str, WorldEntry] = {
    "objects": WorldEntry(
        "Textured shapes on cluttered backgrounds", "core.data.worlds.objects_world", "ObjectsDatasetSpec", version=1
    ),
    "domains": WorldEntry(
        "Binary masks in eight domains and a natural one",
        "core.data.worlds.domains_world",
        "DomainsDatasetSpec",
        version=1,
    ),
    "streets": WorldEntry(
        "Road scenes in several domains", "core.data.worlds.streets_world", "StreetsDatasetSpec", version=2
    ),
}
