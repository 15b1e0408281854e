"""The replay memory as it stood after a stage, and what was pasted out of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.classes import ClassLabel
from server.schemas.page import Page
from server.schemas.values import PlainText


class MemorySort(StrEnum):
    """What items can be ordered by."""

    RANK = "rank"
    AREA = "area"
    BYTES = "bytes"
    TIMES_DRAWN = "times_drawn"


class MemoryItemsQuery(BaseModel):
    """Which items of a snapshot are asked for, and one page of them."""

    class_id: int | None = Field(None, ge=0, le=255, description="Only items drawn for this class.")
    step_added: int | None = Field(None, ge=0, le=1_000_000, description="Only items from the images of this step.")
    source: PlainText | None = Field(None, max_length=1000, description="Only items of this source image.")
    source_contains: PlainText | None = Field(
        None, max_length=1000, description="Only items with this text in the id of their source image, in any case."
    )
    sort: MemorySort = Field(MemorySort.RANK, description="The id breaks ties.")
    order: Literal["asc", "desc"] = "asc"
    count: Literal["exact"] | None = Field(None, description="`exact` gives the total.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next_cursor` of the page before; leave it out for the first page."
    )
    limit: int = Field(50, ge=1, le=200, description="Most items in the answer.")


class MemoryEntry(BaseModel):
    """One stored instance; its pictures are at /memory-items/{id}/thumbnail, /crop, /label and /source."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    run_id: str
    stage_id: str
    item_id: str = Field(description="The same in every snapshot that holds the instance.")
    class_id: int = Field(description="Raw id of the class that it was drawn for.")
    class_name: str
    colour: str
    classes: list[int]
    source: str = Field(description="Image that it was cut from.")
    box: list[int] = Field(description="x0, y0, x1, y1 in pixels of the source image.")
    image_size: list[int] = Field(description="Width and height of the source image; its picture may be smaller.")
    area: int = Field(description="Pixels of the kept classes.")
    step_added: int
    rank: int = Field(description="Position in the order of selection.")
    bytes: int = Field(description="Of crop and label.")
    times_drawn: int = Field(description="How often it was pasted, in all stages up to this one.")


class MemoryPage(Page[MemoryEntry]):
    """One page of a snapshot."""

    total: int | None = Field(None, description="Items on all pages; null unless asked for.")


class MemoryCell(BaseModel):
    """What a snapshot holds of one class."""

    class_id: int
    items: int
    bytes: int


class MemorySnapshot(BaseModel):
    """The memory after one stage as a whole."""

    stage_id: str
    stage_index: int
    budget: int = Field(description="Most items that were to be kept.")
    budget_per_class: float | None = Field(description="Budget over seen classes; null when no class was seen.")
    items: int
    bytes: int
    cells: list[MemoryCell] = Field(description="By class; classes without items are left out.")
    seen_classes: list[int] = Field(description="Raw ids of the classes that share the budget.")
    missing_classes: list[int] = Field(description="Seen classes without an item: nothing is pasted for them.")
    warnings: list[str] = Field(description="What was missing when the items were chosen.")


class MemoryMatrix(BaseModel):
    """Class x stage: the memory of a run after each stage."""

    classes: list[ClassLabel] = Field(description="Classes seen or stored, by id.")
    snapshots: list[MemorySnapshot] = Field(description="In the order of the stages.")


class MemoryDraw(BaseModel):
    """How often one stage pasted an item."""

    stage_id: str
    stage_index: int
    times: int


class MemoryPaste(BaseModel):
    """One example of a paste; the training image with all its pastes is at /memory-pastes/{id}/picture."""

    id: int
    stage_id: str
    stage_index: int
    source: str = Field(description="Training image; `memory/` and an item's id where that was a replayed instance.")
    box: list[int] = Field(description="x0, y0, x1, y1 of the instance in pixels of the training image.")
    image_size: list[int] = Field(description="Width and height of the training image; its picture may be smaller.")
    lam: float = Field(description="Weight of the instance against the image, 0 to 1.")


class MemoryPastes(Page[MemoryPaste]):
    """One page of examples of an item's pastes, and how often each stage of its run pasted it."""

    draws: list[MemoryDraw] = Field(description="In the order of the stages, of the stages that were given the item.")
