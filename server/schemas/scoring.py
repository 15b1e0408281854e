"""What a method's runs are judged by, as `core.methods.scoring` defines it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.methods.scoring import Columns, Direction


class HeadlineScore(BaseModel):
    """The score that stands for a run, as its method names it."""

    model_config = ConfigDict(from_attributes=True)

    metric: str = Field(examples=["miou_present"])
    group: str | None = Field(description="Class group that it is of; null for a score over everything.")
    title: str = Field(description="For a column's head.", examples=["mIoU"])
    meaning: str = Field(description="In a line.")
    direction: Direction = Field(description="Which value is best.")


class MethodTable(BaseModel):
    """A table step x column that a method's evaluations fill."""

    metric: str = Field(examples=["iou"])
    by: Columns = Field(description="What its columns are: classes, class groups or domains.")
    title: str
    group: str | None = Field(description="Whose score stands for a domain, where the columns are domains.")
    direction: Direction = Field(description="Which value is best.")


class MethodScoring(BaseModel):
    """How a method's runs are read."""

    headline: HeadlineScore
    tables: list[MethodTable] = Field(
        description="In the order in which they are shown; what an evaluation has no rows for is left out."
    )
    lower_is_better: list[str] = Field(
        description="Metrics and curves whose least value is best, besides losses and such a headline."
    )
