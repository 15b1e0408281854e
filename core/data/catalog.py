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
    """Interface of an adapter module; every function may raise DataFaultError."""

    def read_classes(self, root: Path) -> ClassTable:
        """Return the class table of a root."""

    def split_names(self, root: Path) -> Sequence[str]:
        """Return the names of the splits that a root seems to have, in order; the splits are not opened."""

    def list_pairs(self, root: Path, split: str) -> Sequence[Pair]:
        """Return the image and label files of a split, in order; they need not exist."""

    def read_label(self, path: Path) -> Truth:
        """Return the truth in a label file, of the kind that the adapter's row declares."""


@runtime_checkable
class DoubtingAdapter(Protocol):
    """An adapter that can detect from all labels of a split that they are in the wrong form."""

    def doubt(self, pairs: Sequence[Pair]) -> DataFaultError | None:
        """Return the fault of a split's labels as a whole, if any; unreadable files are left out."""


@runtime_checkable
class ListedAdapter(Protocol):
    """An adapter whose label files, 8-bit index images, have published tables to the shared class lists."""

    def table_of(self, path: Path, name: str) -> IdTable:
        """Return the (256,) class of each id in a label file, by a list of `core.data.class_lists`."""


@runtime_checkable
class SharedLabelAdapter(Protocol):
    """An adapter whose label files each describe several images."""

    def read_item(self, pair: Pair) -> Truth:
        """Return the truth of a pair's image from its label file; raises DataFaultError."""


@runtime_checkable
class ObjectListingAdapter(Protocol):
    """An adapter that knows the objects of an image without drawing them."""

    def object_classes(self, pair: Pair) -> frozenset[int]:
        """Return the raw ids of an image's objects without crowds; raises DataFaultError."""


def reader_of(adapter: Adapter) -> Decode:
    """Return the function that reads the truths of an adapter's items."""
    return ItemDecode(adapter.read_item) if isinstance(adapter, SharedLabelAdapter) else adapter.read_label


class World(Protocol):
    """Interface of a world's module, besides the class of its spec."""

    def materialise(self, spec: Any, folder: Path) -> None:
        """Write the world into an empty folder, in the layout of its adapter."""


@dataclass(frozen=True)
class AdapterEntry:
    """One row of `ADAPTERS`: a description for people, the module, the usual splits, and the kind of samples.

    Images whose ids are equal up to `group_separator` are a group, such as a city, that shares a labelling budget. A
    root may define other groups (`core.data.groups`).
    """

    title: str
    module: str
    train_split: str
    eval_split: str
    group_separator: str = ""
    samples: SampleKind = SampleKind.DENSE

    def group_of(self, name: str) -> str:
        """Return the group of an image; if the layout has no groups, all images are in one."""
        first, separator, _ = name.partition(self.group_separator or "\0")
        return first if separator else ""

    def load(self) -> Adapter:
        """Import the adapter."""
        return cast(Adapter, import_module(self.module))


@dataclass(frozen=True)
class WorldEntry:
    """One row of `WORLDS`: a description for people, the module, the name of its spec's class, and a version.

    The version is part of the folder's name: raise it when a change draws the same spec differently.
    """

    title: str
    module: str
    spec: str
    version: int

    def load(self) -> World:
        """Import the module."""
        return cast(World, import_module(self.module))

    def load_spec(self) -> type[Any]:
        """Return the class of the world's spec, a subclass of `WorldDatasetSpec`."""
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
    "ade20k": AdapterEntry(
        "ADE20K, 150 classes of scenes", "core.data.adapters.ade20k", train_split="training", eval_split="validation"
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
