"""The replay memory as it stood after a stage."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.classes import ClassLabel


class MemoryEntry(BaseModel):
    """One stored instance; its pictures are at /memory-items/{id}/thumbnail, /crop and /label."""

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
    image_size: list[int] = Field(description="Width and height of the source image.")
    area: int = Field(description="Pixels of the kept classes.")
    step_added: int
    rank: int = Field(description="Position in the order of selection.")
    bytes: int


class MemoryClass(ClassLabel):
    """How much of the memory belongs to one class."""

    items: int
    bytes: int


class MemoryPage(BaseModel):
    """One page of a snapshot, and its balance."""

    items: list[MemoryEntry]
    next_cursor: str | None
    total_items: int = Field(description="Of the whole snapshot.")
    total_bytes: int
    classes: list[MemoryClass] = Field(description="Counts of the whole snapshot, whatever the filter.")
