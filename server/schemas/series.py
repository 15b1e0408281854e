"""Curves."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from server.schemas.values import MAX_SAFE_INTEGER, Moment, Number

_KEY_PART = r"^[^\x00-\x1f\x7f]{0,200}$"


class SeriesFilter(BaseModel):
    """Which curves are asked for."""

    prefix: str = Field("", pattern=_KEY_PART, description="Only keys that begin so.")
    contains: str = Field("", pattern=_KEY_PART, description="Only keys that hold this, whatever the case.")


class SeriesGroup(BaseModel):
    """Curves whose keys begin alike."""

    prefix: str = Field(description="Up to and with the first of `/`, `.` and `_`; send it as `prefix`.")
    count: int


class SeriesGroups(BaseModel):
    """How the curves of a run are grouped."""

    items: list[SeriesGroup] = Field(description="In alphabetical order; at most the 500 with the most curves.")
    groups: int = Field(description="How many groups there are.")
    keys: int = Field(description="How many curves there are.")


class SeriesWindow(BaseModel):
    """Which points of a curve are asked for."""

    stage: int | None = Field(None, ge=0, le=1_000_000, description="Only of the stage with this index.")
    from_iteration: int | None = Field(None, ge=0, le=MAX_SAFE_INTEGER, description="The first that counts.")
    to_iteration: int | None = Field(None, ge=0, le=MAX_SAFE_INTEGER, description="The last that counts.")
    max_points: int = Field(1000, ge=0, le=1_000_000, description="About so many points; 0 gives all.")
    format: Literal["json", "csv"] = Field("json", description="`csv` gives a table to download, one line a point.")
    raw: bool = Field(False, description="Also points that a newer attempt replaced, and when each was stored.")


class SeriesValue(BaseModel):
    """A value and where it stands."""

    value: float | None = Field(description="Null where the value was not finite.")
    stage_index: int
    iteration: int


class SeriesKey(BaseModel):
    """One curve of a run."""

    key: str
    direction: str = Field(description="`min` or `max`: which value is best.")
    count: int
    last: SeriesValue
    best: SeriesValue | None


class Point(TypedDict):
    """One point of a curve; a plain dictionary, because a curve may have ten thousand of them."""

    stage_index: int
    iteration: int
    attempt: int
    value: Number
    is_hidden: NotRequired[
        Annotated[bool, Field(description="A newer attempt went on from an earlier iteration; only with raw=true.")]
    ]
    at: NotRequired[Annotated[Moment, Field(description="When it was stored; only with raw=true.")]]


class Series(BaseModel):
    """The points of one curve, ordered by stage and iteration."""

    key: str
    count: int = Field(description="Points that match, before any were left out.")
    downsampled: bool = Field(
        description="Whether points were left out; the least and the greatest value of each bucket stay."
    )
    points: list[Point]
