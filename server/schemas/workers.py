"""Workers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.values import Moment


class WorkerSummary(BaseModel):
    """One worker process."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    host: str
    state: str = Field(description="`idle`, `busy`, `draining` or `offline`; offline is one that was silent for 60 s.")
    queues: list[str]
    devices: list[Any]
    versions: dict[str, Any]
    stage_id: str | None
    started_at: Moment
    last_seen_at: Moment
