"""The list of runs: how it is narrowed and ordered, its pages, and what changed in it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.db.states import RunState
from server.schemas.experiments import Tag
from server.schemas.page import Page
from server.schemas.runs import RunSummary
from server.schemas.values import Moment, PlainText

MAX_LEFT = 1000
"""Most runs that a list of changes names as gone; behind a larger change the list is read anew."""


class RunSort(StrEnum):
    """Columns that the list can be ordered by."""

    CREATED_AT = "created_at"
    FINISHED_AT = "finished_at"
    NAME = "name"
    METHOD = "method"
    DATASET = "dataset"
    STATE = "state"
    SEED = "seed"
    SCORE = "score"
    BEST_SCORE = "best_score"


class RunFilters(BaseModel):
    """Which runs are asked for."""

    state: list[RunState] = Field(default_factory=list, description="Only in one of these states.")
    method: str | None = Field(None, pattern=r"^[a-z0-9_]{1,100}$", description="Only of this method.")
    dataset: PlainText | None = Field(None, max_length=200, description="Only on this dataset.")
    tag: list[Tag] = Field(
        default_factory=list, max_length=20, description="Only with all of these tags; a `key` alone takes any value."
    )
    q: PlainText = Field(
        "",
        max_length=200,
        description="Words that all occur in name, notes, method, preset, dataset or reason, or begin the id.",
    )
    experiment_id: str | None = Field(None, pattern=r"^[0-9a-f-]{36}$", description="Only of this experiment.")
    archived: bool = Field(False, description="The archived runs; else all others.")


class RunListQuery(RunFilters):
    """One page of the list."""

    sort: RunSort = Field(
        RunSort.CREATED_AT,
        description="The id breaks ties; what has no value comes last. By score, runs that have not succeeded come "
        "after those that have.",
    )
    order: Literal["asc", "desc"] = "desc"
    count: Literal["exact"] | None = Field(None, description="`exact` gives the total.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next_cursor` of the page before; leave it out for the first page."
    )
    limit: int = Field(50, ge=1, le=200, description="Most items in the answer.")


class RunChangesQuery(RunFilters):
    """What changed in a list since it was read."""

    after: Moment = Field(description="`as_of` of the list or of the changes before.")


AsOf = Annotated[Moment, Field(description="By the service's clock; ask for the changes after it.")]


class RunPage(Page[RunSummary]):
    """One page of runs."""

    total: int | None = Field(None, description="Runs on all pages; null unless asked for.")
    as_of: AsOf


class RunChanges(BaseModel):
    """What changed in a list of runs."""

    items: list[RunSummary] = Field(description="Runs of the list that are new or changed, newest first.")
    left: list[str] = Field(description="Ids of runs that changed and are not, or no longer, in the list.")
    is_complete: bool = Field(description="False where so much changed that the list should be read anew.")
    total: int = Field(description="Runs that are in the list now.")
    as_of: AsOf


class RunChoices(BaseModel):
    """Values that the list can be narrowed to."""

    datasets: list[str]
    tags: list[str] = Field(description="Keys, and keys with their values; the most used first.")
