"""Classes of a dataset, with their colours."""

from __future__ import annotations

from functools import cached_property

from pydantic import BaseModel, Field

from core.data.classes import ClassTable
from core.stage.events import BACKGROUND_ID


class ClassLabel(BaseModel):
    """One class."""

    id: int = Field(description="Raw id in the dataset's label files; -1 is the background.")
    name: str
    colour: str = Field(description="Display colour as #rrggbb.", examples=["#800000"])


class DatasetClasses(BaseModel):
    """The classes of a dataset as an experiment keeps them: they outlive the dataset's folder."""

    labels: list[ClassLabel] = Field(default_factory=list, description="By id; the background is not listed.")
    has_background: bool | None = Field(None, description="False where every pixel has a class; null where unknown.")

    @cached_property
    def _by_id(self) -> dict[int, ClassLabel]:
        return {label.id: label for label in self.labels}

    def label(self, class_id: int) -> ClassLabel:
        """Return name and colour of a class; a plain name for one that is not listed."""
        if class_id == BACKGROUND_ID:
            return ClassLabel(id=class_id, name="background", colour="#000000")
        return self._by_id.get(class_id) or _label(ClassTable({}), class_id)


def classes_of_table(table: ClassTable) -> DatasetClasses:
    """Return the classes of a dataset's table."""
    labels = [_label(table, class_id) for class_id in sorted(table.names)]
    return DatasetClasses(labels=labels, has_background=table.background_id is not None)


def _label(table: ClassTable, class_id: int) -> ClassLabel:
    red, green, blue = table.colour(class_id)
    name = table.names.get(class_id, f"class {class_id}")
    return ClassLabel(id=class_id, name=name, colour=f"#{red:02x}{green:02x}{blue:02x}")
