"""The table of dataset adapters and built-in worlds, and the specs that an experiment names them by. Free of torch.

Code is named by dotted path, so reading the table loads nothing; a test resolves every row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.data.classes import CITYSCAPES_CLASSES, SYNTHIA_CLASSES, ClassTable, object_classes
from core.data.pairing import Pair, PairedFiles
from core.data.samples import LabelMap
from core.server_path import ServerPath

SplitName = Annotated[str, Field(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$", max_length=100)]


class Adapter(Protocol):
    """What an adapter module offers; every function raises DataFaultError."""

    def read_classes(self, root: Path) -> ClassTable:
        """Return the class table of a root."""

    def list_pairs(self, root: Path, split: str) -> Sequence[Pair]:
        """Return the image and label files of a split, in order; they need not exist."""

    def read_label(self, path: Path) -> LabelMap:
        """Return the (H, W) raw ids of a label file."""


class World(Protocol):
    """What a world's export module offers."""

    def materialise(self, spec: WorldDatasetSpec, folder: Path) -> None:
        """Write the world into an empty folder, in the layout of its adapter."""


@dataclass(frozen=True)
class AdapterEntry:
    """One row of `ADAPTERS`: what people read, the module, and the usual splits.

    Images whose ids begin alike, up to `group_separator`, are a group that shares a labelling budget, such as a city.
    """

    title: str
    module: str
    train_split: str
    eval_split: str
    group_separator: str = ""

    def group_of(self, name: str) -> str:
        """Return the group of an image; all are in one where the layout knows none."""
        return name.split(self.group_separator, 1)[0] if self.group_separator else ""

    def load(self) -> Adapter:
        """Import the adapter."""
        return cast(Adapter, import_module(self.module))


@dataclass(frozen=True)
class WorldEntry:
    """One row of `WORLDS`: what people read, the module that writes it, and a version.

    The version is part of the folder's name: raise it when the same spec would be drawn differently.
    """

    title: str
    module: str
    version: int

    def load(self) -> World:
        """Import the export module."""
        return cast(World, import_module(self.module))


ADAPTERS: dict[str, AdapterEntry] = {
    "voc": AdapterEntry("PASCAL VOC 2012 layout", "core.data.adapters.voc", train_split="train_aug", eval_split="val"),
    "folder": AdapterEntry(
        "Images, index PNGs and classes.json", "core.data.adapters.folder", train_split="train", eval_split="val"
    ),
    "cityscapes": AdapterEntry(
        "Cityscapes, fine labels",
        "core.data.adapters.cityscapes",
        train_split="train",
        eval_split="val",
        group_separator="_",
    ),
    "gta5": AdapterEntry("GTA5", "core.data.adapters.gta5", train_split="all", eval_split="all"),
    "synthia": AdapterEntry("SYNTHIA", "core.data.adapters.synthia", train_split="all", eval_split="all"),
}
WORLDS: dict[str, WorldEntry] = {
    "objects": WorldEntry("Textured shapes on cluttered backgrounds", "core.data.worlds.export", version=1),
    "streets": WorldEntry("Road scenes in several domains", "core.data.worlds.export_streets", version=2),
}


class FolderDatasetSpec(BaseModel):
    """A dataset on disk, in one of the published layouts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: Literal["voc", "folder", "cityscapes", "gta5", "synthia"] = Field(description="Layout of the folder.")
    root: ServerPath = Field(description="Folder of the dataset.")
    train_split: SplitName = Field(
        "", description="Split to learn from; by default train_aug (voc), all (gta5, synthia) or else train."
    )
    eval_split: SplitName = Field("", description="Split to test on; by default all (gta5, synthia) or else val.")

    @model_validator(mode="before")
    @classmethod
    def _usual_splits(cls, data: Any) -> Any:
        entry = ADAPTERS.get(str(data.get("adapter"))) if isinstance(data, dict) else None
        if entry is None:
            return data
        usual = {"train_split": entry.train_split, "eval_split": entry.eval_split}
        return usual | {key: value for key, value in data.items() if key not in usual or value}


class WorldDatasetSpec(BaseModel):
    """A built-in synthetic dataset, drawn once and kept on disk; the same spec gives the same pixels everywhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    world: Literal["objects", "streets"] = Field(description="Which world is drawn.")
    train_images: int = Field(1200, ge=1, le=100_000, description="Pictures to learn from.")
    eval_images: int = Field(240, ge=1, le=100_000, description="Pictures to test on.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the drawing; independent of the seed of a run.")

    @property
    def adapter(self) -> str:
        """Name of the adapter that reads the written world back."""
        raise TypeError(f"{type(self).__name__} is no world of its own")

    @property
    def splits(self) -> tuple[str, str]:
        """Names of the written world's splits to learn from and to test on."""
        return ADAPTERS[self.adapter].train_split, ADAPTERS[self.adapter].eval_split

    @property
    def class_table(self) -> ClassTable:
        """Classes of the world."""
        raise TypeError(f"{type(self).__name__} is no world of its own")

    @property
    def shorter_side_px(self) -> int:
        """Shorter side of the pictures."""
        raise TypeError(f"{type(self).__name__} is no world of its own")

    def digest(self) -> str:
        """Return a short hash of the spec and of the version of the drawing code."""
        text = f"{WORLDS[self.world].version}/{self.model_dump_json()}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class ObjectsDatasetSpec(WorldDatasetSpec):
    """The world *objects*: textured shapes on cluttered backgrounds."""

    world: Literal["objects"] = Field(description="Which world is drawn.")
    classes: int = Field(6, ge=1, le=20, description="Number of object classes; raw ids are 1 to this number.")
    size_px: int = Field(96, ge=32, le=1024, description="Side of the square pictures, in pixels.")
    density_min: int = Field(1, ge=1, le=20, description="Fewest classes in a picture.")
    density_max: int = Field(2, ge=1, le=20, description="Most classes in a picture.")

    @model_validator(mode="after")
    def _density_fits(self) -> ObjectsDatasetSpec:
        if not self.density_min <= self.density_max <= self.classes:
            raise ValueError(
                f"a picture cannot show {self.density_min} to {self.density_max} of {self.classes} classes; "
                "density_min <= density_max <= classes is needed"
            )
        return self

    @property
    def adapter(self) -> str:
        """Name of the adapter that reads the written world back."""
        return "voc"

    @property
    def class_table(self) -> ClassTable:
        """Classes of the world."""
        return object_classes(self.classes)

    @property
    def shorter_side_px(self) -> int:
        """Shorter side of the pictures."""
        return self.size_px


class StreetsDatasetSpec(WorldDatasetSpec):
    """The world *streets*: road scenes with the classes of Cityscapes, in one of several domains."""

    world: Literal["streets"] = Field(description="Which world is drawn.")
    domain: Literal["synthetic", "city-a", "city-b", "city-c"] = Field(
        "city-a", description="Palette, texture, light, weather and layout of the scenes."
    )
    layout: Literal["cityscapes", "gta5", "synthia"] = Field(
        "cityscapes", description="Published layout that the pictures are written in; synthia knows 16 of 19 classes."
    )
    height_px: int = Field(96, ge=32, le=1024, description="Height of the pictures, in pixels.")
    width_px: int = Field(192, ge=32, le=2048, description="Width of the pictures, in pixels.")

    @property
    def adapter(self) -> str:
        """Name of the adapter that reads the written world back."""
        return self.layout

    @property
    def splits(self) -> tuple[str, str]:
        """Names of the written world's splits to learn from and to test on."""
        return "train", "val"

    @property
    def class_table(self) -> ClassTable:
        """Classes of the world."""
        return SYNTHIA_CLASSES if self.layout == "synthia" else CITYSCAPES_CLASSES

    @property
    def shorter_side_px(self) -> int:
        """Shorter side of the pictures."""
        return min(self.height_px, self.width_px)


WORLD_SPECS: dict[str, type[WorldDatasetSpec]] = {"objects": ObjectsDatasetSpec, "streets": StreetsDatasetSpec}
"""World -> the form of its spec."""


def _choose_spec(data: Any) -> Any:
    # A plain union would report the faults of both models for one misspelt key; the presence of `world` decides.
    if isinstance(data, dict) and "world" in data:
        # An unknown world is refused by the field itself, so that the fault lies at its place.
        return WORLD_SPECS.get(str(data["world"]), WorldDatasetSpec).model_validate(data)
    if isinstance(data, dict):
        return FolderDatasetSpec.model_validate(data)
    if isinstance(data, FolderDatasetSpec | WorldDatasetSpec):
        return data
    raise ValueError("a dataset is an object: a built-in one with `world`, or a folder with `adapter` and `root`")


DatasetSpec = Annotated[FolderDatasetSpec | ObjectsDatasetSpec | StreetsDatasetSpec, BeforeValidator(_choose_spec)]


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
        PairedFiles(adapter.list_pairs(root, split), classes, adapter.read_label, needs_labels=needs_labels)
        for split, needs_labels in ((spec.train_split, needs_train_labels), (spec.eval_split, True))
    )
    return OpenedDataset(train, evaluation, classes)


def on_disk(spec: WorldDatasetSpec, data_home: Path) -> FolderDatasetSpec:
    """Return the folder of a world, writing it first where it is not there yet.

    Any number of processes may ask at once: one writes, the others wait for it.
    """
    from core.data.worlds.materialised import materialised_once

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
