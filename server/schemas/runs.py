"""Runs: started, listed, shown."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.methods.catalog import DEMO
from server.db.states import RunState, StageState
from server.schemas.branches import BranchOrigin, BranchRun
from server.schemas.experiments import Deviation, ExperimentLabels
from server.schemas.stages import StageSummary
from server.schemas.values import JsonObject, Moment, PlainText, Seed

Priority = Annotated[int, Field(ge=-100, le=100, strict=True)]
"""Place in the queue of workers: a run with a higher number goes before one with a lower."""
PRIORITY_WORDS = "Of the waiting stages, that of the run with the highest number goes first; stages that run go on."


class RunStart(BaseModel):
    """Seeds to run an experiment with: one, or several."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"seeds": [0, 1, 2]}, {"seed": 0}]})

    seed: Seed | None = Field(None, description="One run with this seed.")
    seeds: list[Seed] | None = Field(None, min_length=1, max_length=200, description="One run with each seed.")
    priority: Priority | None = Field(None, description=f"{PRIORITY_WORDS} Null means 0.")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.seed is None) == (self.seeds is None):
            raise ValueError("give either `seed` or `seeds`")
        chosen = self.chosen()
        twice = sorted({seed for seed in chosen if chosen.count(seed) > 1})
        if twice:
            raise ValueError(f"seed {twice[0]} is given twice; equal seeds give equal runs")
        return self

    def chosen(self) -> list[int]:
        """Return the seeds, in order."""
        return [self.seed] if self.seed is not None else list(self.seeds or ())


class SeedsAdd(BaseModel):
    """Seeds to be added to an experiment: which, or how many."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"count": 2}, {"seeds": [3, 4]}]})

    seeds: list[Seed] | None = Field(None, min_length=1, max_length=200, description="One run with each of them.")
    count: int | None = Field(None, ge=1, le=200, description="So many runs, with the smallest seeds that have none.")

    priority: Priority | None = Field(None, description=f"{PRIORITY_WORDS} Null means 0.")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.seeds is None) == (self.count is None):
            raise ValueError("give either `seeds` or `count`")
        twice = sorted({seed for seed in self.seeds or () if (self.seeds or []).count(seed) > 1})
        if twice:
            raise ValueError(f"seed {twice[0]} is given twice; equal seeds give equal runs")
        return self


class RunCreate(ExperimentLabels):
    """An experiment and one run of it, in one request."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"preset": DEMO, "seed": 0, "name": "first try"}]}
    )

    document: JsonObject | None = Field(None, description="The experiment document; or give a preset.")
    preset: PlainText | None = Field(None, max_length=200, description=f"A preset, unchanged, such as `{DEMO}`.")
    seed: Seed = 0
    priority: Priority | None = Field(None, description=f"{PRIORITY_WORDS} Null means 0.")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.document is None) == (self.preset is None):
            raise ValueError("give either `document` or `preset`")
        return self


class RunAction(BaseModel):
    """A request to change the state of a run."""

    model_config = ConfigDict(extra="forbid")

    transition_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,100}$")] | None = Field(
        None, description="Repeating a request with the same id changes nothing."
    )


class RunPatch(BaseModel):
    """What may be changed about a run, as JSON Merge Patch; what is left out or null stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"is_archived": True}, {"priority": 5}]})

    is_archived: bool | None = Field(None, description="An archived run is left out of lists that do not ask for it.")
    priority: Priority | None = Field(None, description=PRIORITY_WORDS)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.is_archived is None and self.priority is None:
            raise ValueError("give `is_archived`, `priority`, or both")
        return self


class QueuePlace(BaseModel):
    """Where a run stands in the queue of workers."""

    position: int = Field(ge=1, description="1 for the run whose stage a free worker takes next.")
    length: int = Field(ge=1, description="Runs that wait in this queue.")
    seconds: float | None = Field(
        ge=0,
        description="About how long until a worker takes the run; null where the rest of the work before it is not "
        "known, or no worker serves the queue.",
    )


class RunTimes(BaseModel):
    """What a run's time was spent on so far, in seconds, over all stages and attempts."""

    waited: float = Field(ge=0, description="Queued for a worker, or between two attempts.")
    computed: float = Field(ge=0, description="At work in a worker.")
    labelling: float = Field(ge=0, description="Waiting for people to label.")


class CurrentStage(BaseModel):
    """The stage that a run is at."""

    id: str
    index: int
    name: str
    state: StageState
    phase: str | None
    iteration: int | None
    total_iterations: int | None
    images_per_second: float | None
    seconds_left: float | None = Field(description="Of this stage.")


class RunProgress(BaseModel):
    """How far a run is."""

    stages: int
    stages_done: int
    fraction: float = Field(ge=0, le=1, description="Stages done, with the iterations of the current one.")
    iterations: int = Field(description="Done by all stages.")
    total_iterations: int | None = Field(description="Of all stages; null while that of a stage is not known.")
    current: CurrentStage | None = Field(description="Null once every stage is done.")


class RunSummary(BaseModel):
    """One line of the list."""

    id: str
    experiment_id: str
    experiment_name: str
    method: str
    preset: str | None
    dataset: str = Field(description="Short name of the dataset.")
    stream: str = Field(description="The task stream in a few words, such as `6 classes, 2-2-2`.")
    tags: list[str] = Field(description="Of the experiment, and so of each of its runs.")
    seed: int
    state: RunState
    is_pausing: bool = Field(
        description="A running run that was asked to pause; it does at the next checkpoint, or at the end of its stage."
    )
    reason: str | None = Field(description="Reason code of the last failure or cancellation.")
    message: str | None
    progress: RunProgress
    priority: int = Field(description=PRIORITY_WORDS)
    queue: QueuePlace | None = Field(description="Null unless the run is queued.")
    seconds_left: float | None = Field(
        description="Until the run ends, the wait for a worker included; null where nobody can tell yet."
    )
    score: float | None = Field(
        description="The headline of the run's method after the last tested step. Null where nothing was tested yet, "
        "or nothing could be measured."
    )
    score_step: int | None = Field(
        description="The last tested step; null where nothing was tested yet. Before the run has succeeded, `score` is "
        "of this earlier step: do not rank it beside final ones."
    )
    best_score: float | None = Field(description="The best of all steps, in the direction of the headline.")
    score_name: str = Field(
        description="What `score` is. `scoring.headline` of `GET /methods/{method}` tells more.", examples=["mIoU"]
    )
    is_archived: bool
    revision: int = Field(description="What `If-Match` asks for, in quotes.")
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class RunDetail(RunSummary):
    """One run with its stages."""

    digest: str = Field(description="SHA-256 of the resolved experiment.")
    preset_version: int | None
    deviations: list[Deviation] = Field(description="Where the config leaves the published values.")
    times: RunTimes
    stages: list[StageSummary]
    branched_from: BranchOrigin | None = Field(description="Null for a run that shares no stage of another run.")
    imported_from: str | None = Field(description="Id that the run had on the service that it was exported from.")
    branches: list[BranchRun] = Field(description="The newest 100 runs that branched from this one, newest first.")
    event_seq: int = Field(description="Number of the run's last event; `after` of a feed that follows from here.")


class RunsCreated(BaseModel):
    """The runs that one request started, in the order of its seeds."""

    items: list[RunDetail]
