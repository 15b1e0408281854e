"""The list of runs in groups: scores as mean and deviation."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, Field

from server.db.states import RunState
from server.schemas.run_list import RunFilters

MAX_GROUPS = 200


class RunGroupBy(StrEnum):
    """What the runs of a group share."""

    EXPERIMENT = "experiment"
    """The resolved configuration: runs that differ only in their seeds."""
    METHOD = "method"
    DATASET = "dataset"
    TAG = "tag"
    """One tag; a run with several tags is in several groups."""


class RunGroupsQuery(RunFilters):
    """Runs that pass the filters, in groups."""

    by: RunGroupBy


class GroupScore(BaseModel):
    """A headline score over the runs of a group that have succeeded."""

    name: str = Field(description="What it is; methods with different headlines are never averaged.", examples=["mIoU"])
    mean: float | None = Field(description="Null where it is defined in no run.")
    std: float | None = Field(description="Sample standard deviation; null for fewer than two runs.")
    n: int = Field(description="Succeeded runs in which it is defined.")
    undefined: int = Field(description="Succeeded runs in which it is not; they are in no mean.")


class RunGroup(BaseModel):
    """Runs that share something."""

    key: str = Field(description="Digest of the configuration, method, dataset, or tag as `key` or `key=value`.")
    title: str
    runs: int
    states: dict[RunState, int] = Field(description="How many runs are in each state.")
    scores: list[GroupScore] = Field(description="One for each headline of the group's methods, by name.")


class RunGroups(BaseModel):
    """The groups of a list of runs."""

    items: list[RunGroup] = Field(description=f"The largest first, at most {MAX_GROUPS}.")
    total: int = Field(description="Groups in all.")
