"""Runs and experiments side by side."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from server.schemas.references import ReferenceRow
from server.schemas.results import Difference, Measure, Reached, ScoreTableHead, SeedRun, Statistic
from server.schemas.sheets import ExportQuery

MIN_MEMBERS, MAX_MEMBERS = 2, 20


_KEY = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}"


def _split(named: list[str]) -> list[str]:
    """Return the keys of a parameter that may be given several times, and list several each time."""
    keys = [key for part in named for key in part.split(",") if key]
    wrong = next((key for key in keys if not re.fullmatch(_KEY, key)), None)
    if wrong is not None:
        raise ValueError(f"{wrong[:100]!r} is no id or digest")
    return keys


Keys = Annotated[list[str], Field(max_length=200), AfterValidator(_split)]


class MembersQuery(BaseModel):
    """Which runs and experiments are compared: 2 to 20 in all."""

    runs: Keys = Field(
        default_factory=list, description="Ids of runs, separated by commas, or one parameter each.", examples=[[]]
    )
    experiments: Keys = Field(
        default_factory=list,
        description="Digests of experiments, or ids of their definitions. The values are then means over seeds.",
    )
    split: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Evaluations of this split; default each run's first."
    )


class ComparisonQuery(MembersQuery, ExportQuery):
    """A comparison, with what it shows."""

    baseline: str | None = Field(
        None, pattern=rf"^({_KEY})$", description="The member to which the others' differences are given."
    )
    equal: bool = Field(False, description="Show settings that are equal in all members, too.")


class ComparedMember(BaseModel):
    """One run or experiment of a comparison."""

    kind: Literal["run", "experiment"]
    key: str = Field(description="Id of the run, or digest of the experiment.")
    label: str = Field(description="Name for legends and tables; no two members have the same.")
    name: str
    digest: str = Field(description="SHA-256 of the resolved configuration.")
    experiment_id: str = Field(description="Its newest stored definition.")
    method: str
    preset: str | None
    runs: list[SeedRun]
    seeds: list[int] = Field(description="Seeds of the counted runs.")
    reached: Reached
    warnings: list[str]


class SettingRow(BaseModel):
    """One setting of the resolved configurations."""

    pointer: str = Field(description="JSON Pointer into the resolved configuration.", examples=["/config/optim/lr"])
    change: Literal["changed", "added", "removed", "equal"] = Field(
        description="Seen from the base line, or else the first member: `added` where it has no such setting, "
        "`removed` where another member has none."
    )
    is_set: list[bool] = Field(description="Whether each member has the setting.")
    values: list[Any] = Field(description="Value in each member; null where it is not set.")


class FactRow(BaseModel):
    """One fact about the members besides their settings."""

    section: Literal["definition", "code", "data", "packages", "environment"]
    name: str = Field(examples=["preset", "code version", "torch"])
    values: list[str | None] = Field(
        description="Of each member; several values of its runs are separated by commas. Null where not recorded."
    )
    is_equal: bool


Differences = list[Difference | None]


class ComparedTable(ScoreTableHead):
    """A table of step x column of every member."""

    cells: list[list[list[Statistic | None]]] = Field(
        description="For each member row by row; null where none of its runs tested it."
    )
    differences: list[list[Differences]] | None = Field(
        description="The same form, less the base line; null without one."
    )


class Comparison(BaseModel):
    """Members on one task stream, with what differs between them and every score side by side."""

    stream_digest: str = Field(description="Names the task stream with its dataset; all members have the same.")
    dataset: str
    stream: str
    split: str | None = Field(description="Split of the evaluations; null where nothing was tested yet.")
    members: list[ComparedMember] = Field(description="In the order of the request; other lists follow it.")
    baseline: int | None = Field(description="Place of the base line among the members; null without one.")
    settings: list[SettingRow] = Field(
        description="Settings that are not equal in all members; with `equal=true` all settings."
    )
    facts: list[FactRow]
    measures: list[Measure] = Field(description="Columns of `summary`.")
    summary: list[list[Statistic | None]] = Field(
        description="For each member one value a measure, after the step of its `reached`."
    )
    differences: list[Differences] | None = Field(
        description="The same form, less the base line; null without one, and where the two stand at different steps."
    )
    tables: list[ComparedTable] = Field(description="Every score after every step.")
    references: list[ReferenceRow] = Field(
        description="Joint training and fine-tuning, where they are attached to the stream, with the gaps to them."
    )
    warnings: list[str] = Field(description="What makes the comparison less than fair.")
