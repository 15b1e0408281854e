"""What each type of event carries; a test holds every event that a run writes against this."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from server.db.states import QueryState, RunState, StageState
from server.schemas.logs import LogLevel
from server.schemas.queries import QueryCounts
from server.schemas.values import Moment, Number

Kind = TypeVar("Kind", bound=str)
Payload = TypeVar("Payload", bound=BaseModel)


class StatePayload(BaseModel):
    """The run moved to another state, or was asked to pause."""

    state: RunState
    reason: str | None
    message: str | None
    is_pausing: bool = Field(False, description="The run is about to pause. Missing in events of an earlier version.")


class StagePayload(BaseModel):
    """A stage moved to another state."""

    stage_id: str
    index: int
    state: StageState
    attempt: int = Field(description="Number of the latest attempt; 0 before the first.")
    reason: str | None
    message: str | None


class ProgressPayload(BaseModel):
    """How far a stage is."""

    stage_id: str
    index: int
    phase: str
    iteration: int
    total: int
    images_per_second: float | None
    seconds_left: float | None = Field(description="Of this stage.")


class MetricPoint(BaseModel):
    """One new point of a curve."""

    key: str
    iteration: int
    value: Number


class MetricPayload(BaseModel):
    """New points of curves, all of one attempt."""

    stage_id: str
    index: int
    attempt: int
    points: list[MetricPoint]


class ScorePayload(BaseModel):
    """A step was tested; `GET /runs/{id}/step-table` has the rest."""

    stage_id: str
    index: int
    step: int
    split: str
    domain: str | None = Field(None, description="Null where the split is one domain, or all are meant.")
    evaluation_id: str
    score: float | None = Field(None, description="The headline of this evaluation; null where it is undefined.")
    score_name: str | None = Field(None, description="What it is.", examples=["mIoU"])
    run_score: float | None = Field(None, description="The headline of the run now, as `GET /runs/{id}` has it.")


class LogLinePayload(BaseModel):
    """One new line."""

    number: int
    level: LogLevel
    text: str


class LogPayload(BaseModel):
    """New lines of an attempt's log."""

    stage_id: str
    attempt: int
    lines: list[LogLinePayload]


class ArtifactPayload(BaseModel):
    """An artifact was stored."""

    id: str
    name: str
    kind: str
    bytes: int


class MemoryPayload(BaseModel):
    """The replay memory after a stage was stored."""

    stage_id: str
    items: int
    bytes: int


class QueryPayload(BaseModel):
    """A round was published or changed, or one of its queries."""

    stage_id: str = Field(description="The `label` stage.")
    index: int
    query_id: str | None = Field(description="Null where several changed at once.")
    state: QueryState | None = Field(description="Of that query.")
    counts: QueryCounts


class CheckpointPayload(BaseModel):
    """A checkpoint was stored."""

    stage_id: str
    iteration: int


class EndPayload(BaseModel):
    """The run has ended; one that is resumed goes on with the next number."""

    state: RunState
    message: str | None = Field(None, description="Said where the run was deleted.")


class Event(BaseModel, Generic[Kind, Payload]):
    """One event of a run."""

    seq: int = Field(description="Rises by one, without gaps.")
    type: Kind
    payload: Payload
    at: Moment


class StateEvent(Event[Literal["state"], StatePayload]):
    """The run moved to another state."""


class StageEvent(Event[Literal["stage"], StagePayload]):
    """A stage moved to another state."""


class ProgressEvent(Event[Literal["progress"], ProgressPayload]):
    """How far a stage is."""


class MetricEvent(Event[Literal["metric"], MetricPayload]):
    """New points of curves."""


class ScoreEvent(Event[Literal["score"], ScorePayload]):
    """A step was tested."""


class LogEvent(Event[Literal["log"], LogPayload]):
    """New lines of a log."""


class ArtifactEvent(Event[Literal["artifact"], ArtifactPayload]):
    """An artifact was stored."""


class MemoryEvent(Event[Literal["memory"], MemoryPayload]):
    """The memory after a stage was stored."""


class CheckpointEvent(Event[Literal["checkpoint"], CheckpointPayload]):
    """A checkpoint was stored."""


class QueryEvent(Event[Literal["query"], QueryPayload]):
    """A round or a query of it changed."""


class EndEvent(Event[Literal["end"], EndPayload]):
    """The run has ended."""


AnyEvent = Annotated[
    StateEvent
    | StageEvent
    | ProgressEvent
    | MetricEvent
    | ScoreEvent
    | LogEvent
    | ArtifactEvent
    | MemoryEvent
    | CheckpointEvent
    | QueryEvent
    | EndEvent,
    Field(discriminator="type"),
]
