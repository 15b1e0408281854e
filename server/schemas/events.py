"""The feed of a run."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from server.schemas.event_payloads import AnyEvent
from server.schemas.runs import RunDetail
from server.schemas.values import MAX_SAFE_INTEGER, Moment

_ANY_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


class FeedQuery(BaseModel):
    """Which events are asked for."""

    after: int | None = Field(
        None, ge=0, le=MAX_SAFE_INTEGER, description="Number of the last event that the reader has."
    )
    limit: int = Field(200, ge=1, le=1000, description="Most events of a page; a stream has no limit.")


class FeedEvent(BaseModel):
    """One event of a run, passed on as it was stored; `AnyEvent` describes it to clients."""

    model_config = ConfigDict(from_attributes=True)

    seq: int
    type: str
    payload: dict[str, Any]
    at: Moment

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe each type with its payload; checking each event again while it is read would buy nothing."""
        return handler(_ANY_EVENT.core_schema)


class Snapshot(BaseModel):
    """A run as it stands after the event `seq`."""

    seq: int
    run: RunDetail


class FeedPage(BaseModel):
    """Events after a number."""

    items: list[FeedEvent]
    next_after: int = Field(description="Send it as `after` to go on.")
    reset: Snapshot | None = Field(
        None, description="Set where events after the given number are no longer kept: start again from this state."
    )
    is_end: bool = Field(description="Whether the run has ended and these are its last events.")
