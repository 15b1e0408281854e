"""Task streams before an experiment is made of them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from server.schemas.classes import ClassLabel
from server.schemas.problem import FaultEntry
from server.schemas.values import JsonObject

_EXAMPLE: dict[str, JsonValue] = {
    "dataset": {"world": "objects", "classes": 4},
    "stream": {"setting": "overlap", "steps": [[1, 2], [3, 4]]},
}


class Schedule(BaseModel):
    """A published class schedule."""

    name: str = Field(description="As the `schedule` of a stream gives it.")
    steps: list[list[int]] = Field(description="Raw class ids of each step, in learning order.")


class StreamPreviewRequest(BaseModel):
    """The two parts of an experiment document that decide which images a step learns from."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    dataset: JsonObject
    stream: JsonObject


class CountedClass(ClassLabel):
    """A class of the dataset."""

    images: int | None = Field(description="Training images that show it; null before the labels were scanned.")


class StepPreview(BaseModel):
    """One step."""

    title: str = Field(description="Such as `step 0`.")
    classes: list[int] = Field(description="Raw ids that are new; empty where all classes are known at once.")
    domain: str | None = Field(description="Domain that it learns; null where there is one domain only.")
    images: int | None = Field(description="Training images of the step; null before the labels were scanned.")
    images_shared: int | None = Field(description="How many of them an earlier step trains on too.")
    images_per_class: list[int] | None = Field(description="How many of them show each class, in the order of classes.")


class StreamPreview(BaseModel):
    """What a task stream takes from a dataset."""

    classes: list[CountedClass]
    train_images: int = Field(description="Images of the training split.")
    is_scanned: bool = Field(description="Whether it is known what each image shows.")
    steps: list[StepPreview] = Field(description="Empty where the stream cannot be read.")
    images_unused: int | None = Field(description="Training images of no step; null where that is not known.")
    faults: list[FaultEntry] = Field(description="What is wrong with the stream.")
