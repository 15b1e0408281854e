"""Classes of a dataset, with their colours."""

from __future__ import annotations

from pydantic import BaseModel, Field

from core.data.classes import ClassTable
from core.runner.events import BACKGROUND_ID


class ClassLabel(BaseModel):
    """One class."""

    id: int = Field(description="Raw id in the dataset's label files; -1 is the background.")
    name: str
    colour: str = Field(description="Display colour as #rrggbb.", examples=["#800000"])


def class_label(table: ClassTable | None, class_id: int) -> ClassLabel:
    """Return name and colour of a class; a plain name where the dataset cannot be asked."""
    if class_id == BACKGROUND_ID:
        return ClassLabel(id=class_id, name="background", colour="#000000")
    known = table or ClassTable({})
    red, green, blue = known.colour(class_id)
    return ClassLabel(
        id=class_id, name=known.names.get(class_id, f"class {class_id}"), colour=f"#{red:02x}{green:02x}{blue:02x}"
    )


def class_labels(table: ClassTable) -> list[ClassLabel]:
    """Return all classes of a table, the background left out."""
    return [class_label(table, class_id) for class_id in sorted(table.names)]
