"""Scores over the runs of an experiment: mean, deviation, and number of runs."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from core.methods.scoring import Direction
from server.db.states import RunState
from server.schemas.values import Moment

TableKind = Literal["score", "class", "group", "domain", "mean"]
ColumnKind = Literal["score", "class", "group", "domain", "mean", "derived"]
Unit = Literal["fraction", "number", "s", "bytes", "images", "pixels", "clicks"]


class Statistic(BaseModel):
    """One score over the counted runs of an experiment; of a single run, its value with n = 1."""

    mean: float | None = Field(description="Mean of the runs in which it is defined; null where it is in none.")
    std: float | None = Field(
        description="Sample standard deviation (division by n - 1); null for fewer than two such runs."
    )
    n: int = Field(description="Runs in which it is defined.")
    undefined: int = Field(description="Runs that tested it and found nothing to measure; they are in no mean.")
    of: int = Field(description="Counted runs. `of - n - undefined` of them have not tested it.")
    values: list[float | None] | None = Field(
        None, description="One value for each counted run, in the order of their seeds; only with `values=true`."
    )


class Difference(BaseModel):
    """Difference of a member to the base line: value less base line."""

    of_means: float | None = Field(description="Mean less the mean of the base line, whatever the seeds.")
    mean: float | None = Field(description="Mean of the differences seed by seed; null where no seed is shared.")
    std: float | None = Field(description="Their sample standard deviation; null for fewer than two.")
    n: int = Field(description="Shared seeds: both have a run with it, and both values are defined.")


class ScoreColumn(BaseModel):
    """One column of a table of step x column."""

    key: str = Field(description="Unique within the table.", examples=["class-7", "step-0", "old", "forgetting"])
    title: str
    kind: ColumnKind = Field(description="`derived` columns follow from the others of their row, such as forgetting.")
    direction: Direction = Field(description="Which value is best.")
    class_id: int | None = Field(None, description="Raw class id; -1 is the background.")
    colour: str | None = Field(None, description="Display colour of a class as #rrggbb.")
    step_learned: int | None = Field(None, description="Step that teaches it; null where none does.")


class ScoreTableHead(BaseModel):
    """What a table of scores shows. Rows are steps of the stream."""

    key: str = Field(description="Names it in `table=` of an export.", examples=["iou/class", "miou_present/group"])
    title: str
    metric: str
    kind: TableKind = Field(
        description="What the columns are: the headline score alone, classes (C), class groups or domains (R, followed "
        "by A, F, B and P), or means over all, old and new classes with their harmonic mean."
    )
    domain: str | None = Field(description="Domain of classes, groups and means; null for all domains together.")
    direction: Direction = Field(description="Which value is best.")
    columns: list[ScoreColumn]
    steps: list[int] = Field(description="The step of each row.")


class ScoreTable(ScoreTableHead):
    """A table of the scores of one experiment or run."""

    cells: list[list[Statistic | None]] = Field(
        description="Row by row; null where no run tested it, such as a class that is not learned yet."
    )


class Measure(BaseModel):
    """A column of a table of results: a score after the last step, a time, a size."""

    key: str = Field(examples=["score:score", "miou_present/mean:old", "miou_present/group:forgetting", "wall_s"])
    title: str = Field(description="For a column's head; several measures may have the same.")
    meaning: str = Field(description="In a line.")
    unit: Unit
    direction: Direction = Field(description="Which value is best.")
    is_main: bool = Field(description="Whether LaTeX and short tables show it unless columns are named.")


class SeedRun(BaseModel):
    """One run of an experiment."""

    run_id: str
    experiment_id: str = Field(description="The stored definition that it was started from.")
    name: str
    seed: int
    state: RunState
    step: int | None = Field(description="The last tested step; null where nothing was tested yet.")
    score: float | None = Field(description="Headline score after that step; null where undefined or not tested.")
    is_counted: bool = Field(description="Whether the means count it: one run a seed does, once it was tested.")
    note: str = Field(description="Why it is not counted; else empty.")
    code_versions: list[str] = Field(description="Versions of the code that its attempts ran with.")
    created_at: Moment
    finished_at: Moment | None


class Reached(BaseModel):
    """Where the values of a row of results stand."""

    step: int | None = Field(description="Step after which the scores were measured; null where nothing was tested.")
    is_final: bool = Field(
        description="Whether the counted runs have succeeded. Else the row is of an earlier step, and must not be "
        "ranked beside finished ones."
    )
