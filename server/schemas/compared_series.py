"""Curves over seeds, and of several members."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from server.schemas.comparison import MembersQuery
from server.schemas.values import MAX_SAFE_INTEGER


class CurveWindow(BaseModel):
    """Which points of a curve are asked for, and how."""

    stage: int | None = Field(None, ge=0, le=1_000_000, description="Only of the stage with this index.")
    from_iteration: int | None = Field(None, ge=0, le=MAX_SAFE_INTEGER, description="The first that counts.")
    to_iteration: int | None = Field(None, ge=0, le=MAX_SAFE_INTEGER, description="The last that counts.")
    max_points: int = Field(1000, ge=0, le=1_000_000, description="About so many points for each curve; 0 gives all.")
    values: bool = Field(False, description="Give the values of each run beside the mean.")
    format: Literal["json", "csv"] = Field("json", description="`csv` gives one line for each point of each curve.")


class ComparedCurvesQuery(MembersQuery, CurveWindow):
    """Curves of the members of a comparison."""


class CurveKey(BaseModel):
    """One curve that the runs have."""

    key: str
    direction: str = Field(description="`min` or `max`: which value is best.")
    runs: int = Field(description="How many of the drawn runs have it.")


class CurveKeys(BaseModel):
    """Curves of an experiment, or of the members of a comparison."""

    items: list[CurveKey] = Field(description="In alphabetical order.")
    runs: int = Field(description="How many runs are drawn: one a seed, archived ones left out.")


class SeedCurve(BaseModel):
    """A curve as mean over runs, in columns of equal length; the runs are aligned by stage and iteration."""

    label: str = Field(description="Name for a legend; no two curves of one answer have the same.")
    run_ids: list[str] = Field(description="Runs that have the curve, by seed.")
    seeds: list[int]
    count: int = Field(description="Points before any were left out.")
    downsampled: bool = Field(description="Whether points were left out; extremes of the mean stay.")
    stage_index: list[int]
    iteration: list[int]
    mean: list[float | None] = Field(description="Mean of the finite values; null where there is none.")
    std: list[float | None] = Field(description="Sample standard deviation; null for fewer than two finite values.")
    n: list[int] = Field(description="Runs with a finite value.")
    not_finite: list[int] = Field(description="Runs whose value is NaN or infinite; they are in no mean.")
    values: list[list[float | None]] | None = Field(
        None, description="For each run its column; null where it has no point or none that is finite."
    )


class ComparedCurves(BaseModel):
    """One curve of every member."""

    key: str
    members: list[SeedCurve] = Field(description="In the order of the request; without points where it has no such.")
