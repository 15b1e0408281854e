"""Stages, their attempts, and the history of states."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.db.states import AttemptState, StageState
from server.schemas.branches import SharedStage
from server.schemas.values import Moment


class AttemptSummary(BaseModel):
    """One try of one worker."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int = Field(description="1, 2, … within the stage.")
    series: int = Field(description="Raised when a person resumes the run.")
    state: AttemptState
    reason: str | None
    message: str | None
    worker_id: str
    device: str | None
    code_version: str | None
    parameters: int | None = Field(description="Trainable and frozen parameters of the model.")
    resumed_iteration: int | None = Field(description="Iteration of the checkpoint that it went on from.")
    phase: str | None
    iteration: int | None
    total_iterations: int | None
    images_per_second: float | None
    seconds_left: float | None
    deviations: list[str] = Field(description="What differs from the publication at run time.")
    started_at: Moment
    finished_at: Moment | None


class AttemptDetail(AttemptSummary):
    """One try, with what is needed to find out why it failed."""

    trace: str | None = Field(description="Stack trace of the stage process.")
    lease_until: Moment
    log_lines: int


class StageSummary(BaseModel):
    """One stage of a run."""

    id: str
    run_id: str
    index: int
    name: str
    kind: str
    step: int = Field(description="The step of the stream that it belongs to, from 0.")
    noun: str = Field(description="What the stream calls a step: `step`, `round`, `domain`.")
    state: StageState
    reason: str | None
    message: str | None
    images: int | None
    total_iterations: int | None
    fraction: float = Field(ge=0, le=1)
    queued_at: Moment | None
    not_before: Moment | None = Field(description="When a stage that waits for its next attempt is queued again.")
    started_at: Moment | None
    finished_at: Moment | None
    shared: SharedStage | None = Field(
        description="The stage of another run that a skipped stage stands for; null for a stage of the run's own."
    )
    seeds: dict[str, str] = Field(
        description="Component -> seed, as decimal digits: 63 bits are more than a browser's numbers hold."
    )
    attempts: list[AttemptSummary]


class OutputFile(BaseModel):
    """One file that a stage handed on, or a pack of many."""

    output: str = Field(description="Name of the output, as later stages name it.")
    path: str = Field(description="Below the output; empty where the output is one file, and for its pack.")
    sha256: str
    bytes: int
    files: int | None = Field(
        None, description="Files in the pack, a ZIP that is an artifact of the stage; null for a single file."
    )


class TransitionEntry(BaseModel):
    """One change of state."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    subject: str = Field(description="`run`, `stage`, `attempt` or `query`.")
    subject_id: str
    from_state: str | None
    to_state: str
    cause: str = Field(description="`user:<name>`, `worker:<id>`, `reaper`, `dispatcher` or `system`.")
    reason: str | None
    message: str | None
    request_id: str | None
    at: Moment


class StageDetail(StageSummary):
    """One stage with everything about it."""

    attempts: list[AttemptDetail]  # type: ignore[assignment] # a detail is a summary with more fields
    inputs: dict[str, str]
    outputs: list[OutputFile]
    history: list[TransitionEntry] = Field(description="Of the stage and its attempts, oldest first; the last 500.")
