"""A matrix of runs: methods x overrides x seeds (EXP-6)."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from core.methods.catalog import DEMO
from server.schemas.experiments import Tags
from server.schemas.problem import FaultEntry
from server.schemas.runs import PRIORITY_WORDS, Priority
from server.schemas.values import JsonObject, LongText, PlainText, Seed

MAX_RUNS = 200

_EXAMPLE: dict[str, JsonValue] = {
    "methods": [{"preset": DEMO}],
    "overrides": [{"name": "plain"}, {"name": "small memory", "values": {"config.memory.size": 12}}],
    "seeds": [0, 1, 2],
}


class MatrixMethod(BaseModel):
    """One method of a matrix: a preset, or a whole document."""

    model_config = ConfigDict(extra="forbid")

    preset: PlainText | None = Field(None, max_length=200, description=f"A preset such as `{DEMO}`.")
    document: JsonObject | None = Field(None, description="An experiment document; or give a preset.")
    name: PlainText | None = Field(
        None, min_length=1, max_length=100, description="Begins the names of its experiments; default the preset."
    )

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.document is None) == (self.preset is None):
            raise ValueError("give either `document` or `preset`")
        return self


class MatrixOverride(BaseModel):
    """Values that are laid over the documents of the methods, under a name."""

    model_config = ConfigDict(extra="forbid")

    name: PlainText = Field(min_length=1, max_length=100, description="Ends the names of its experiments.")
    values: JsonObject = Field(
        default_factory=dict,
        description="Path into the document -> value, such as `config.memory.size`; empty for the methods as they are.",
    )
    only: list[PlainText] | None = Field(
        None, min_length=1, max_length=MAX_RUNS, description="Only for these methods; default all."
    )


class RunMatrix(BaseModel):
    """Methods x overrides x seeds: one experiment for each method with each override, one run for each seed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    methods: list[MatrixMethod] = Field(min_length=1, max_length=MAX_RUNS)
    overrides: list[MatrixOverride] = Field(
        default_factory=list, max_length=MAX_RUNS, description="Default: the methods as they are."
    )
    seeds: list[Seed] = Field(min_length=1, max_length=MAX_RUNS)
    tags: Tags = Field(default_factory=list, description="Of all experiments.")
    notes: LongText = Field("", max_length=65_536, description="Markdown; of all experiments.")
    priority: Priority | None = Field(None, description=f"{PRIORITY_WORDS} Null means 0.")

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        named: list[tuple[str, list[str]]] = [
            ("seed", [str(seed) for seed in self.seeds]),
            ("override", [override.name for override in self.overrides]),
        ]
        for noun, values in named:
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise ValueError(f"the {noun} {twice!r} is given twice")
        return self


class MatrixRun(BaseModel):
    """One run of a matrix."""

    id: str
    seed: int


class MatrixExperiment(BaseModel):
    """One experiment of a matrix."""

    name: str
    method: str
    preset: str | None
    override: str | None = Field(description="Name of the override; null where none is given.")
    digest: str = Field(description="SHA-256 of the resolved configuration.")
    stages: int = Field(description="Stages of each run.")
    iterations: int | None = Field(description="Iterations of each run; null before its data is scanned.")
    present_seeds: list[int] = Field(
        description="Seeds of the matrix with which the same configuration has been run already: they would give the "
        "same numbers."
    )
    warnings: list[FaultEntry] = Field(description="What can be launched as it is, but is worth a second look.")
    experiment_id: str | None = Field(description="Null in a dry run.")
    runs: list[MatrixRun] = Field(description="In the order of the seeds; empty in a dry run.")


class MatrixResult(BaseModel):
    """An expanded matrix, in the order in which its runs are queued."""

    is_dry_run: bool
    count: int = Field(description="Runs in all.", le=MAX_RUNS)
    seeds: list[int]
    experiments: list[MatrixExperiment] = Field(description="Method by method, and within a method by override.")
