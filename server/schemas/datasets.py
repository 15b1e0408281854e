"""Registered datasets: what they are, what their scan found, and their images."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from server.db.dataset_scans import DatasetState
from server.schemas.classes import ClassLabel
from server.schemas.values import JsonObject, Moment, PlainText

_WORLD: dict[str, JsonValue] = {"name": "shapes", "world": {"world": "objects", "classes": 6, "train_images": 200}}
_FOLDER: dict[str, JsonValue] = {"name": "CamVid", "adapter": "folder", "root": "/data/camvid"}

DatasetName = Annotated[PlainText, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class DatasetCreate(BaseModel):
    """A folder with the adapter that reads it, or a built-in world."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_FOLDER, _WORLD]})

    FOLDER_FIELDS: ClassVar[tuple[str, ...]] = ("adapter", "root", "train_split", "eval_split")

    name: DatasetName = Field(description="What people call it; no two datasets have the same name.")
    adapter: PlainText | None = Field(None, max_length=100, description="Layout of the folder.")
    root: str | None = Field(None, max_length=4096, description="Absolute path below an allowed root.")
    train_split: PlainText | None = Field(None, max_length=100, description="By default the usual one of the layout.")
    eval_split: PlainText | None = Field(None, max_length=100, description="By default the usual one of the layout.")
    world: JsonObject | None = Field(None, description="Spec of a built-in world, in the place of a folder.")


class DatasetSplit(BaseModel):
    """How much one split holds, as of the last scan."""

    name: str
    images: int = Field(description="Images that its list names.")
    sound: int = Field(description="Images without a fault.")


class DatasetSummary(BaseModel):
    """A registered dataset in a list."""

    id: str
    name: str
    spec: dict[str, Any] = Field(description="As an experiment document names it.")
    state: DatasetState
    message: str | None = Field(description="Why it is in this state, where that needs saying.")
    is_waiting: bool = Field(description="Whether its scan waits for a free worker.")
    num_classes: int
    splits: list[DatasetSplit]
    num_faults: int
    digest: str | None = Field(description="SHA-256 over class list and manifest of all files.")
    created_at: Moment
    scanned_at: Moment | None


class ImageSize(BaseModel):
    """How many images have one size."""

    width: int
    height: int
    images: int


class UnknownLabel(BaseModel):
    """A label value that is no class."""

    id: int
    labels: int = Field(description="Label files that have it.")
    pixels: int
    first: str = Field(description="The first of these files.")


class SplitDetail(DatasetSplit):
    """What one split holds; the counts by class are of its sound images."""

    images_per_class: dict[int, int] = Field(description="Raw id -> images that show it.")
    pixels_per_class: dict[int, int] = Field(description="Raw id -> pixels.")
    sizes: list[ImageSize] = Field(description="The most frequent sizes.")
    num_sizes: int = Field(description="How many different sizes there are.")
    modes: dict[str, int] = Field(description="Kind of pixels (RGB, L, P, …) -> images.")
    unknown_labels: list[UnknownLabel]


class DatasetFault(BaseModel):
    """One thing that the scan found."""

    code: str
    path: str
    message: str


class DatasetDetail(DatasetSummary):
    """A registered dataset with what its last scan found."""

    root: str | None = Field(description="Folder that is read: that of the spec, or the one that a world is drawn in.")
    classes: list[ClassLabel]
    ignore_id: int | None
    background_id: int | None
    splits: list[SplitDetail]  # type: ignore[assignment]
    faults: list[DatasetFault] = Field(description="What a run would fail on; the first 20 of each code.")
    fault_counts: dict[str, int] = Field(description="Code -> how many there are in truth.")
    notices: list[DatasetFault] = Field(description="What deserves a look but stops no run; the first 20 of each code.")
    notice_counts: dict[str, int]


class DatasetImage(BaseModel):
    """One image of a split."""

    split: str
    index: int = Field(description="Place in the split's list, from 0.")
    id: str
    width: int | None = Field(description="Null where the image cannot be read.")
    height: int | None
    classes: list[int] = Field(description="Raw ids that its label shows.")
    picture: str = Field(description="Address of the image.")
    labels: str = Field(description="Address of its label.")


class DatasetImagePage(BaseModel):
    """One page of images."""

    items: list[DatasetImage]
    next_cursor: str | None
    total: int = Field(description="Images that the filters leave, on all pages.")
