"""Answers of the API as typed objects; fields that a newer service adds are passed over (API-8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

TERMINAL_STATES = frozenset({"cancelled", "succeeded", "failed"})
SNAPSHOT_TYPES = frozenset({"snapshot", "reset"})
"""Events whose payload is `{"seq": …, "run": …}`: the run as it stands."""


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Method(Answer):
    """A method that the service knows."""

    name: str
    title: str
    summary: str
    presets: list[str]


class CurrentStage(Answer):
    """The stage that a run is at."""

    id: str
    index: int
    name: str
    state: str
    phase: str | None
    iteration: int | None
    total_iterations: int | None
    images_per_second: float | None
    seconds_left: float | None


class RunProgress(Answer):
    """How far a run is; `fraction` is in [0, 1]."""

    stages: int
    stages_done: int
    fraction: float
    current: CurrentStage | None


class RunSummary(Answer):
    """One line of the list of runs; `miou_all` is in [0, 1]."""

    id: str
    experiment_id: str
    experiment_name: str
    method: str
    preset: str | None
    seed: int
    state: str
    reason: str | None
    message: str | None
    progress: RunProgress
    miou_all: float | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended; a resumed run is no longer finished."""
        return self.state in TERMINAL_STATES


class Attempt(Answer):
    """One try at a stage by one worker."""

    number: int
    state: str
    reason: str | None
    message: str | None
    device: str | None
    phase: str | None
    iteration: int | None
    total_iterations: int | None
    images_per_second: float | None
    seconds_left: float | None


class Stage(Answer):
    """One stage of a run."""

    id: str
    index: int
    name: str
    kind: str
    state: str
    reason: str | None
    message: str | None
    total_iterations: int | None
    attempts: list[Attempt]


class Run(RunSummary):
    """One run with its stages."""

    digest: str
    stages: list[Stage]
    event_seq: int


class FeedEvent(Answer):
    """One event of a run; `seq` rises by one. docs/api.md lists the types and their payloads."""

    seq: int
    type: str
    payload: dict[str, Any]


class StepColumn(Answer):
    """One class of the step table; `step_learned` is None for the background."""

    id: int
    name: str
    colour: str
    step_learned: int | None


class StepRow(Answer):
    """What was known after one step: a value for each class of the table, None before the class is known."""

    step: int
    stage_id: str
    miou_all: float | None
    miou_old: float | None
    miou_new: float | None
    forgetting: float | None
    iou: list[float | None]
    drop: list[float | None]


class StepTable(Answer):
    """Step × class: what was learned and what was forgotten."""

    run_id: str
    split: str | None
    classes: list[StepColumn]
    steps: list[StepRow]
    average_miou: float | None


class LogEntry(Answer):
    """One line of a stage's log."""

    number: int
    level: str
    text: str


class Artifact(Answer):
    """A file that a stage left behind."""

    id: str
    stage_id: str
    name: str
    kind: str
    sha256: str
    bytes: int
