"""One table of results by itself, for a paper or a script."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from core.methods.scoring import Direction
from server.schemas.results import Difference, Statistic, Unit
from server.schemas.values import PlainText

Format = Literal["json", "csv", "latex"]
_NAME = Annotated[PlainText, Field(max_length=500)]


def _split(named: list[str]) -> list[str]:
    return [key for part in named for key in part.split(",") if key]


class ExportQuery(BaseModel):
    """How a table is given: as JSON, CSV or LaTeX."""

    format: Format = Field(
        "json",
        description="`csv` has every digit; `latex` is a tabular for booktabs with percent, best values in bold.",
    )
    table: _NAME | None = Field(
        None,
        description="Key of one table, `summary`, or of a comparison `settings` or `facts`. As JSON the default is the "
        "whole answer, else `summary`.",
    )
    columns: Annotated[list[_NAME], Field(max_length=200), AfterValidator(_split)] = Field(
        default_factory=list,
        description="Keys of the columns, separated by commas; default all, and of a summary in LaTeX the main ones.",
    )
    step: int | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="Only the row of this step; default all, of a comparison in LaTeX the last.",
    )


class ResultsQuery(ExportQuery):
    """Results of an experiment."""

    split: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Evaluations of this split; default each run's first."
    )
    values: bool = Field(False, description="List the value of each run beside every mean.")


class StepTableQuery(ExportQuery):
    """Scores of a run after every step."""

    split: str | None = Field(
        None, pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Evaluations of this split; default the first's."
    )
    domain: str | None = Field(
        None,
        pattern=r"^[^\x00-\x1f\x7f]{1,200}$",
        description="Classes and class groups of this domain; default all together, or the first.",
    )


class SheetColumn(BaseModel):
    """One column of numbers."""

    key: str
    title: str
    unit: Unit
    direction: Direction = Field(description="Which value is best.")


class SheetRow(BaseModel):
    """One row: text, then numbers."""

    heads: list[str] = Field(description="One text for each of the sheet's `heads`.")
    is_ranked: bool = Field(description="Whether its values may be the best of a column; an unfinished run's are not.")
    cells: list[Statistic | None] = Field(description="One value a column; null where nothing was tested.")
    differences: list[Difference | None] | None = Field(description="Less the base line; null without one.")


class Sheet(BaseModel):
    """A table of results."""

    title: str
    heads: list[str] = Field(
        description="Titles of the columns of text that begin each row.", examples=[["run", "step"]]
    )
    columns: list[SheetColumn]
    rows: list[SheetRow]
