"""How experiments name a dataset: a folder in a published layout, or a built-in world. Free of torch."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.data.catalog import ADAPTERS, WORLDS
from core.data.class_lists import ClassListName
from core.data.classes import ClassTable
from core.data.row_name import RowOf
from core.server_path import ServerPath

SplitName = Annotated[
    str,
    # `x-offers` lets a form offer the splits that the folder has.
    Field(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$", max_length=100, json_schema_extra={"x-offers": "splits"}),
]
SplitRole = Literal["train", "eval"]
"""Use of a split: for training, or for testing."""
BOTH_SPLITS: tuple[SplitRole, ...] = ("train", "eval")


class FolderDatasetSpec(BaseModel):
    """A dataset on disk, in one of the published layouts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter: Annotated[str, RowOf(ADAPTERS)] = Field(description="Layout of the folder.")
    root: ServerPath = Field(description="Folder of the dataset.")
    train_split: SplitName = Field(
        "",
        description="Split to learn from; by default train_aug (voc), training (ade20k), all (gta5, synthia) or else "
        "train.",
    )
    eval_split: SplitName = Field(
        "",
        description="Split to test on; by default all (gta5, synthia), validation (ade20k, mapillary), test "
        "(sam-domain) or else val.",
    )
    may_test_on_training: bool = Field(
        False,
        description="Allow test images that are all learned from; scores then say nothing of other images.",
        # Experiments stored before the field existed keep their digest.
        exclude_if=lambda value: not value,
    )

    class_list: ClassListName | None = Field(
        None,
        description="Read street scenes as one of the shared class lists; by default the classes are the data set's.",
        exclude_if=lambda value: value is None,
    )
    renamed: dict[str, str] = Field(
        default_factory=dict,
        max_length=256,
        description="Classes that others call otherwise: name in this data set -> name there, as in "
        "{pavement: sidewalk}.",
        exclude_if=lambda value: not value,
    )

    @property
    def label(self) -> str:
        """Name for lists: that of the folder."""
        return PurePath(self.root).name or self.adapter

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

    world: Annotated[str, RowOf(WORLDS)] = Field(description="Which world is drawn.")
    train_images: int = Field(1200, ge=1, le=100_000, description="Pictures to learn from.")
    eval_images: int = Field(240, ge=1, le=100_000, description="Pictures to test on.")
    seed: int = Field(0, ge=0, lt=2**63, description="Seed of the drawing; independent of the seed of a run.")

    @property
    def label(self) -> str:
        """Name for lists."""
        return self.world

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
        # The class list does not change the drawing.
        text = f"{WORLDS[self.world].version}/{self.model_dump_json(exclude={'class_list'})}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]
