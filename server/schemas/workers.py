"""Workers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.values import Moment


class WorkerStage(BaseModel):
    """The stage that a worker has."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    run_id: str
    index: int
    name: str


class WorkerDataset(BaseModel):
    """The dataset that a worker scans."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str


class WorkerSummary(BaseModel):
    """One worker process."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    host: str
    state: Literal["idle", "busy", "draining", "offline"] = Field(
        description="`idle`, `busy`, `draining` or `offline`; offline is one that was silent for 60 s."
    )
    queues: list[str]
    devices: list[Any]
    versions: dict[str, Any]
    stage_id: str | None
    stage: WorkerStage | None = None
    dataset: WorkerDataset | None = None
    started_at: Moment
    last_seen_at: Moment


class WorkerPage(BaseModel):
    """One page of workers."""

    items: list[WorkerSummary]
    next_cursor: str | None
    now: Moment = Field(description="The database's time, by which the times of the workers are to be read.")
