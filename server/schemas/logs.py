"""Log lines."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.values import MAX_SAFE_INTEGER, Moment, PlainText

LogLevel = Literal["debug", "info", "warning", "error"]


class LogWindow(BaseModel):
    """Which lines of a log are asked for: the last, or those at one side of a number."""

    attempt: int | None = Field(None, ge=1, le=1_000_000, description="Number of the attempt; default the latest.")
    tail: int | None = Field(None, ge=1, le=5000, description="The last lines; default 200.")
    after: int | None = Field(None, ge=0, le=MAX_SAFE_INTEGER, description="The lines that follow this number.")
    before: int | None = Field(None, ge=1, le=MAX_SAFE_INTEGER, description="The lines that precede this number.")
    limit: int = Field(1000, ge=1, le=5000, description="Most lines after `after` or before `before`.")
    contains: PlainText = Field("", max_length=200, description="Only lines that hold this, whatever the case.")
    level: LogLevel = Field("debug", description="Only lines of this level or a graver one.")


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
    matching: int = Field(description="Those of them that `contains` and `level` let through.")
