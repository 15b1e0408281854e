"""Experiments: what is submitted, and what is stored."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from core.methods.catalog import DEMO
from core.streams.budgets import BudgetUnit
from server.db.dataset_scans import DatasetState
from server.db.states import RunState
from server.schemas.classes import ClassLabel
from server.schemas.problem import FaultEntry
from server.schemas.results import Statistic
from server.schemas.values import JsonObject, LongText, Moment, PlainText

Tag = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=r"^[^=\x00-\x1f\x7f]{1,100}(=[^\x00-\x1f\x7f]{0,500})?$", max_length=601
    ),
]
"""`key` or `key=value`: at most 100 and 500 characters (EXP-12)."""


def _with_distinct_keys(tags: list[str]) -> list[str]:
    keys = [tag.partition("=")[0] for tag in tags]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"the tag {twice[0]!r} is given twice")
    return tags


Tags = Annotated[list[Tag], Field(max_length=100), AfterValidator(_with_distinct_keys)]

_EXAMPLE: dict[str, JsonValue] = {
    "name": "three steps on drawn objects",
    "document": {"method": DEMO.partition("/")[0], "preset": DEMO},
    "tags": ["demo"],
}


class ExperimentLabels(BaseModel):
    """What may be said about an experiment beside its definition."""

    model_config = ConfigDict(extra="forbid")

    name: PlainText | None = Field(None, min_length=1, max_length=200, description="Default: the preset or the method.")
    tags: Tags = Field(default_factory=list, description="`key` or `key=value`.")
    notes: LongText = Field("", max_length=65_536, description="Markdown.")


class ExperimentPatch(BaseModel):
    """What may be changed about an experiment, as JSON Merge Patch: what is left out stays, null sets it back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"tags": ["baseline", "owner=ada"]}]})

    name: PlainText | None = Field(None, min_length=1, max_length=200)
    tags: Tags | None = Field(None, description="All tags that it has from now on.")
    notes: LongText | None = Field(None, max_length=65_536, description="Markdown.")


class ExperimentCreate(ExperimentLabels):
    """A definition to be checked and stored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    document: JsonObject = Field(
        description="The experiment document; its JSON Schema is at /api/v1/methods/{method}/schema."
    )
    cloned_from: PlainText | None = Field(
        None, max_length=100, description="The experiment that this one began as a copy of (EXP-18)."
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
    step: int = Field(description="The step of the stream that it belongs to, from 0.")
    noun: str = Field(description="What the stream calls a step: `step`, `round`, `domain`.")
    inputs: dict[str, str] = Field(description="Input name -> `<stage index>/<output name>` of an earlier stage.")
    queue: str
    total_iterations: int | None = Field(description="Null where the plan cannot know it before the data is scanned.")
    images: int | None = Field(description="Training images of the step, where the dataset has been scanned.")


class LabelWork(BaseModel):
    """What one round has labelled."""

    model_config = ConfigDict(from_attributes=True)

    amount: float
    unit: BudgetUnit
    by_people: bool = Field(description="Whether people label it, and not the target's own labels.")


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
    classes_per_step: list[list[int]] = Field(
        description="Raw ids of the classes that are new at each step of the stream; empty where all are known from "
        "the beginning."
    )
    labels_per_step: list[LabelWork] = Field(
        description="What is labelled after each step of the stream; empty where none asks for labels."
    )
    classes: list[ClassLabel] = Field(description="Classes of the dataset as they were at its creation.")


class DuplicateRun(BaseModel):
    """A run of the same resolved experiment; with the same seed it would give the same numbers."""

    model_config = ConfigDict(from_attributes=True)

    run_id: str
    experiment_name: str
    seed: int
    state: RunState
    created_at: Moment


class NamedDataset(BaseModel):
    """A registered dataset whose folder the document names."""

    pointer: str = Field(description="JSON Pointer of the dataset in the request's body.")
    dataset_id: str
    name: str
    state: DatasetState
    num_faults: int = Field(description="Faults of its last scan that a run would meet.")


class ExperimentVerdict(ExperimentResolution):
    """Answer to a dry run: the document is valid; nothing was created."""

    is_valid: bool = True
    is_scanned: bool = Field(description="Whether the images of each step were counted; else the first stage does.")
    warnings: list[FaultEntry] = Field(
        default_factory=list, description="What can be launched as it is, but is worth a second look."
    )
    datasets: list[NamedDataset] = Field(
        default_factory=list, description="Registered datasets that it names; their pages show what the scans found."
    )
    duplicates: list[DuplicateRun] = Field(
        default_factory=list, description="The newest runs whose resolved experiment has this digest (EXP-11)."
    )


class ExperimentSummary(BaseModel):
    """One line of the list: all definitions that resolve to one configuration, with their runs."""

    model_config = ConfigDict(from_attributes=True)

    id: str = Field(description="Of the newest definition, as are name, preset, tags and time.")
    name: str
    method: str
    preset: str | None
    dataset: str = Field(description="Short name of the dataset.")
    stream: str = Field(description="The task stream in a few words.")
    digest: str = Field(description="SHA-256 of the resolved configuration; it names the experiment.")
    tags: list[str]
    definitions: int = Field(description="Stored definitions with this digest.")
    runs: int = Field(description="How many runs it has.")
    seeds: list[int] = Field(description="Seeds of its runs.")
    states: dict[RunState, int] = Field(description="How many runs are in each state.")
    score: Statistic | None = Field(
        description="Headline score over the seeds that have succeeded, archived runs left out; null where none has."
    )
    score_name: str = Field(description="What `score` is.", examples=["mIoU"])
    created_at: Moment
    last_run_at: Moment | None = Field(description="When its newest run was created.")


class ExperimentDetail(ExperimentResolution):
    """A stored experiment."""

    id: str
    name: str
    tags: list[str]
    notes: str
    cloned_from: str | None = Field(description="The experiment that this one began as a copy of.")
    revision: int
    created_at: Moment
