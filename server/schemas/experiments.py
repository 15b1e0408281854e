"""Experiments: what is submitted, and what is stored."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from server.schemas.classes import ClassLabel
from server.schemas.values import JsonObject, LongText, Moment, PlainText

Tag = Annotated[PlainText, Field(min_length=1, max_length=601)]

_EXAMPLE: dict[str, JsonValue] = {
    "name": "three steps on drawn objects",
    "document": {"method": "eir", "preset": "eir/demo"},
    "tags": ["demo"],
}


class ExperimentLabels(BaseModel):
    """What may be said about an experiment beside its definition."""

    model_config = ConfigDict(extra="forbid")

    name: PlainText | None = Field(None, min_length=1, max_length=200, description="Default: the preset or the method.")
    tags: list[Tag] = Field(default_factory=list, max_length=100, description="`key` or `key=value`.")
    notes: LongText = Field("", max_length=65_536, description="Markdown.")


class ExperimentCreate(ExperimentLabels):
    """A definition to be checked and stored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    document: JsonObject = Field(
        description="The experiment document; its JSON Schema is at /api/v1/methods/{method}/schema."
    )


class Deviation(BaseModel):
    """One setting that differs from the publication's value."""

    model_config = ConfigDict(from_attributes=True)

    pointer: str = Field(description="JSON Pointer into the config.")
    published: Any
    value: Any


class PlannedStage(BaseModel):
    """One stage of the plan."""

    model_config = ConfigDict(from_attributes=True)

    index: int
    name: str
    kind: str
    inputs: dict[str, str] = Field(description="Input name -> `<stage index>/<output name>` of an earlier stage.")
    queue: str
    total_iterations: int | None = Field(description="Null where the plan cannot know it before the data is scanned.")
    images: int | None = Field(description="Training images of the step, where the dataset has been scanned.")


class ExperimentResolution(BaseModel):
    """A checked document with everything that follows from it."""

    method: str
    preset: str | None
    preset_version: int | None
    document: dict[str, Any] = Field(description="As submitted.")
    resolved: dict[str, Any] = Field(description="With preset and every default filled in.")
    digest: str = Field(description="SHA-256 of `resolved` in canonical JSON.")
    deviations: list[Deviation] = Field(description="Where the config leaves the published values.")
    plan: list[PlannedStage]
    classes: list[ClassLabel] = Field(description="Classes of the dataset; empty where it cannot be read any more.")


class ExperimentVerdict(ExperimentResolution):
    """Answer to a dry run: the document is valid; nothing was created."""

    is_valid: bool = True
    is_scanned: bool = Field(description="Whether the images of each step were counted; else the first stage does.")


class ExperimentSummary(BaseModel):
    """One line of the list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    method: str
    preset: str | None
    digest: str
    tags: list[str]
    runs: int = Field(description="How many runs it has.")
    created_at: Moment


class ExperimentDetail(ExperimentResolution):
    """A stored experiment."""

    id: str
    name: str
    tags: list[str]
    notes: str
    revision: int
    created_at: Moment
