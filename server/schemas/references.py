"""Reference experiments of a task stream: its bounds."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.results import Reached, Statistic
from server.schemas.values import Moment, PlainText


class ReferenceRole(StrEnum):
    """What bound of a stream an experiment is."""

    JOINT = "joint"
    """Everything is learned at once: the upper bound."""
    FINE_TUNING = "fine_tuning"
    """One step after the other without help: the lower bound."""


class ReferenceSet(BaseModel):
    """Which experiment becomes the reference."""

    model_config = ConfigDict(extra="forbid")

    experiment: PlainText = Field(
        max_length=100, description="Digest of its resolved configuration, or id of one of its definitions."
    )


class StreamReference(BaseModel):
    """A reference experiment of a stream."""

    role: ReferenceRole
    stream_digest: str = Field(description="The stream that it is a reference of.")
    digest: str = Field(description="Digest of the reference experiment.")
    name: str
    method: str
    author: str = Field(description="Who attached it.")
    created_at: Moment


class StreamReferences(BaseModel):
    """The references of a stream."""

    items: list[StreamReference]


class ReferenceRow(StreamReference):
    """A reference beside the results that it bounds."""

    reached: Reached
    seeds: list[int]
    summary: list[Statistic | None] = Field(
        description="One value a measure. Where the reference learns all classes at once, means of old and new classes "
        "and of the classes of a step are made of its classes' scores."
    )
    gaps: list[list[float | None]] = Field(
        description="For each member one value a measure: its mean less that of the reference; null where either has "
        "none, and for costs."
    )
