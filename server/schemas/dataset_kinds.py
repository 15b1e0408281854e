"""What an experiment can take its images from."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class DatasetKind(BaseModel):
    """A built-in world, or a layout of folders."""

    name: str
    kind: Literal["world", "folder"]
    title: str
    options: dict[str, Any] = Field(description="JSON Schema of the `dataset` part of an experiment document.")


class SplitSummary(BaseModel):
    """One split that was found."""

    name: str
    images: int


class DatasetFolder(BaseModel):
    """A folder that an adapter can read."""

    path: str
    adapter: str
    num_classes: int
    splits: list[SplitSummary] = Field(description="The usual splits of the layout that the folder has.")
    split_names: list[str] = Field(
        description="Every split that the folder seems to have; only the usual ones are counted."
    )


class DatasetRoot(BaseModel):
    """A folder below which datasets may lie."""

    path: str
    exists: bool
    folders: list[DatasetFolder]
