"""Log lines."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.values import Moment


class LogEntry(BaseModel):
    """One line."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    level: str
    text: str
    at: Moment


class LogPage(BaseModel):
    """Lines of one attempt."""

    stage_id: str
    attempt: int | None = Field(description="Number of the attempt; null where there was none yet.")
    items: list[LogEntry]
    next_after: int = Field(description="Send it as `after` for the lines that follow.")
    total: int = Field(description="Lines of the attempt so far.")
